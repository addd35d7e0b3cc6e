package dev.outrider.bench.machine;

import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children;
import dev.outrider.bench.round.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * A control plane that serves one mesh, seen from the bench.
 *
 * @param port of ADS, mutual TLS
 * @param outboundPort where the machine's sidecar takes HTTP for the mesh
 */
record MeshProcess(Child child, int port, int outboundPort) {

    static MeshProcess start(Lab lab, String name, int services, Credentials files) {
        int outbound = lab.ports().free();
        Child child = lab.children().start(name, Children.Processor.LOAD, Children.Output.PIPE, List.of(
                ProcessHandle.current().info().command().orElse("java"), "-XX:+UseSerialGC", "-Xmx512m",
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "-cp", System.getProperty("java.class.path", ""), MeshMain.class.getName(),
                Integer.toString(services), Integer.toString(outbound), Integer.toString(lab.load().httpPort()),
                files.chain(), files.key(), files.root()));
        try {
            String line = child.output().readLine();
            if (line == null) {
                throw new IllegalStateException("the control plane has ended: " + child.lastWords());
            }
            return new MeshProcess(child, Integer.parseInt(line), outbound);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
