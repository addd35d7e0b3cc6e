package dev.outrider.proxy.intercept.tool;

import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.RuleRunner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs the machine's own tools: from fixed directories, with a clean environment, for ten seconds at most. Blocking: never on an event loop. */
public final class SystemRuleRunner implements RuleRunner {
    private static final List<Path> DIRECTORIES = List.of(Path.of("/usr/sbin"), Path.of("/sbin"), Path.of("/usr/bin"), Path.of("/bin"));

    /** A tool that hangs (a lock, a name lookup) is worse than one that fails: the caller can still put things back. */
    private static final int SECONDS = 10;

    private static final int MAX_OUTPUT = 8 << 20;

    @Override
    public boolean has(String tool) {
        return path(tool) != null;
    }

    @Override
    public Result run(List<String> argv, String input) throws RuleException {
        Path tool = path(argv.getFirst());
        if (tool == null) {
            throw new RuleException(argv.getFirst() + " is not installed");
        }
        var command = new ArrayList<>(argv);
        command.set(0, tool.toString());
        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C"));
        try {
            Process process = builder.start();
            CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> read(process.getInputStream()), SystemRuleRunner::start);
            CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()), SystemRuleRunner::start);
            CompletableFuture<Void> in = CompletableFuture.runAsync(() -> write(process.getOutputStream(), input), SystemRuleRunner::start);
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new RuleException(tool + " did not end within " + SECONDS + " seconds");
            }
            in.join();
            return new Result(process.exitValue(), out.join(), err.join());
        } catch (IOException e) {
            throw new RuleException(tool + " cannot be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RuleException(tool + " was interrupted");
        }
    }

    private static void start(Runnable task) {
        Thread.ofVirtual().start(task);
    }

    private static String read(InputStream stream) {
        try (stream) {
            return new String(stream.readNBytes(MAX_OUTPUT), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
    }

    private static void write(OutputStream stream, String input) {
        try (stream) {
            stream.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // The tool ended without reading it all: its exit status says why.
            return;
        }
    }

    private static @Nullable Path path(String tool) {
        return DIRECTORIES.stream().map(directory -> directory.resolve(tool)).filter(Files::isExecutable).findFirst().orElse(null);
    }
}
