package dev.outrider.bench.load;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** The load generator and the backends, seen from the bench: one JVM that stays warm for the whole run. One thread at a time. */
public final class LoadProcess {

    private final Child child;
    private final BufferedReader replies;
    private final Map<String, String> ports;

    private LoadProcess(Child child, BufferedReader replies, Map<String, String> ports) {
        this.child = child;
        this.replies = replies;
        this.ports = ports;
    }

    public static LoadProcess start(Children children) {
        Child child = children.start("load", Children.Processor.LOAD, Children.Output.PIPE, List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-cp", System.getProperty("java.class.path", ""), LoadMain.class.getName()));
        BufferedReader replies = child.output();
        return new LoadProcess(child, replies, LoadSpec.words(line(child, replies)));
    }

    /** An HTTP/1.1 server that answers every request with 1 KB. */
    public int httpPort() {
        return Integer.parseInt(LoadSpec.word(ports, "http"));
    }

    /** A gRPC server without TLS that answers every unary call with 50 bytes. */
    public int grpcPort() {
        return Integer.parseInt(LoadSpec.word(ports, "grpc"));
    }

    /** Takes bytes and drops them. */
    public int sinkPort() {
        return Integer.parseInt(LoadSpec.word(ports, "sink"));
    }

    /** Runs the load and returns when it is over. */
    public LoadReply run(LoadSpec spec) {
        try {
            child.input().write((spec.line() + "\n").getBytes(StandardCharsets.US_ASCII));
            child.input().flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the load generator has ended: " + child.lastWords(), e);
        }
        String line = line(child, replies);
        if (!line.startsWith("completed=")) {
            throw new IllegalStateException(line);
        }
        return LoadReply.parse(line);
    }

    private static String line(Child child, BufferedReader replies) {
        try {
            String line = replies.readLine();
            if (line == null) {
                throw new IllegalStateException("the load generator has ended: " + child.lastWords());
            }
            return line;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
