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
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs the machine's own tools: from fixed directories, with a clean environment, for ten seconds at most. Blocking: never on an event loop.
 *
 * <p>What changes something runs behind a lock that the tool itself holds to its end, beyond its caller's: a caller that is killed leaves a tool behind
 * which may commit at any moment, and who cleans up after it has to come later. It starts when the caller, alive, has seen that the lock is held.
 */
public final class SystemRuleRunner implements RuleRunner {
    private static final List<Path> DIRECTORIES = List.of(Path.of("/usr/sbin"), Path.of("/sbin"), Path.of("/usr/bin"), Path.of("/bin"));

    /** A tool that hangs (a lock, a name lookup) is worse than one that fails: the caller can still put things back. */
    private static final int SECONDS = 10;

    private static final int MAX_OUTPUT = 8 << 20;

    /** Lets its caller know that it holds the lock (flock(1)), waits for its word and becomes the tool. */
    static final String GATE = "exec 9>>\"$1\" && flock -w " + SECONDS + " 9 && echo && read -r go && shift && exec \"$@\"";

    private static final byte[] GO = {'g', 'o', '\n'};

    private final @Nullable Path lock;

    /** For tools whose work nobody has to clean up after. */
    public SystemRuleRunner() {
        lock = null;
    }

    /** @param stateDirectory where the lock is, root's own */
    public SystemRuleRunner(Path stateDirectory) {
        lock = stateDirectory.resolve("tools");
    }

    @Override
    public boolean has(String tool) {
        return path(tool) != null;
    }

    @Override
    public Result run(List<String> argv, String input) throws RuleException {
        var command = new ArrayList<>(argv);
        command.set(0, installed(argv.getFirst()).toString());
        return finish(start(command), command.getFirst(), input.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Result change(List<String> argv, String input) throws RuleException {
        Path held = lock;
        if (held == null || !has("flock")) {
            return run(argv, input);
        }
        Path tool = installed(argv.getFirst());
        var command = new ArrayList<>(List.of(installed("sh").toString(), "-c", GATE, "sh", held.toString(), tool.toString()));
        command.addAll(argv.subList(1, argv.size()));
        Process process = start(command);
        try {
            if (process.getInputStream().read() != '\n') {
                throw new RuleException(tool + " was not started: " + read(process.getErrorStream()).strip() + " (a tool that another command left behind holds "
                        + held + ", or that cannot be written)");
            }
        } catch (IOException e) {
            throw new RuleException(tool + " cannot be started: " + e.getMessage());
        }
        // In one piece: a caller that dies meanwhile has sent all of it or nothing.
        byte[] bytes = input.getBytes(StandardCharsets.UTF_8);
        byte[] word = Arrays.copyOf(GO, GO.length + bytes.length);
        System.arraycopy(bytes, 0, word, GO.length, bytes.length);
        return finish(process, tool.toString(), word);
    }

    @Override
    public void awaitOrphans() throws RuleException {
        Result unused = change(List.of("true"), "");
    }

    private static Path installed(String tool) throws RuleException {
        Path path = path(tool);
        if (path == null) {
            throw new RuleException(tool + " is not installed");
        }
        return path;
    }

    private static Process start(List<String> command) throws RuleException {
        var builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C"));
        try {
            return builder.start();
        } catch (IOException e) {
            throw new RuleException(command.getFirst() + " cannot be started: " + e.getMessage());
        }
    }

    private static Result finish(Process process, String tool, byte[] input) throws RuleException {
        CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> read(process.getInputStream()), SystemRuleRunner::start);
        CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> read(process.getErrorStream()), SystemRuleRunner::start);
        CompletableFuture<Void> in = CompletableFuture.runAsync(() -> write(process.getOutputStream(), input), SystemRuleRunner::start);
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new RuleException(tool + " did not end within " + SECONDS + " seconds");
            }
            in.join();
            return new Result(process.exitValue(), out.join(), err.join());
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

    private static void write(OutputStream stream, byte[] input) {
        try (stream) {
            stream.write(input);
        } catch (IOException e) {
            // The tool ended without reading it all: its exit status says why.
            return;
        }
    }

    private static @Nullable Path path(String tool) {
        return DIRECTORIES.stream().map(directory -> directory.resolve(tool)).filter(Files::isExecutable).findFirst().orElse(null);
    }
}
