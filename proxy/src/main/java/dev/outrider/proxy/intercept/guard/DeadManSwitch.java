package dev.outrider.proxy.intercept.guard;

import dev.outrider.proxy.intercept.Installation;
import dev.outrider.proxy.intercept.Interceptor;
import dev.outrider.proxy.intercept.RuleException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Puts everything back unless somebody confirms in time, which an operator who locked himself out cannot do. Also puts back when the command is
 * ended by a signal, such as the hang-up of a lost session.
 */
public final class DeadManSwitch {
    private final Interceptor interceptor;
    private final Path directory;
    private final Path confirmation;

    public DeadManSwitch(Interceptor interceptor, Path stateDirectory) {
        this.interceptor = interceptor;
        this.directory = stateDirectory;
        this.confirmation = stateDirectory.resolve("confirmed");
    }

    /** A change that may be taken back. */
    @FunctionalInterface
    public interface Change {
        int make() throws RuleException;
    }

    /** Makes the change and waits. Returns the exit status: 0 when confirmed, 1 when put back. */
    public int guard(Change change, Duration patience, PrintStream out) throws RuleException {
        Installation before = interceptor.installed();
        var undone = new AtomicBoolean();
        var undo = new Thread(() -> undo(before, undone, out), "interception-rollback");
        try {
            Files.createDirectories(directory);
            Files.deleteIfExists(confirmation);
            Runtime.getRuntime().addShutdownHook(undo);
            int status = change.make();
            out.println("interception: run `outrider intercept confirm` within " + patience.toSeconds() + " seconds, or it is put back");
            boolean confirmed = status == 0 && isConfirmedWithin(patience);
            if (confirmed) {
                undone.set(true);
                Files.deleteIfExists(confirmation);
                out.println("interception: confirmed");
            } else {
                undo(before, undone, out);
            }
            Runtime.getRuntime().removeShutdownHook(undo);
            return confirmed ? 0 : 1;
        } catch (IOException e) {
            throw new RuleException(confirmation + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RuleException("interrupted; what was there before is put back");
        }
    }

    /** Keeps the change that a running {@link #guard} waits about. */
    public void confirm() throws RuleException {
        try {
            Files.createDirectories(directory);
            Files.writeString(confirmation, "");
        } catch (IOException e) {
            throw new RuleException(confirmation + " cannot be written (" + e.getMessage() + ")");
        }
    }

    private boolean isConfirmedWithin(Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        try (WatchService watcher = directory.getFileSystem().newWatchService()) {
            directory.register(watcher, StandardWatchEventKinds.ENTRY_CREATE);
            while (!Files.exists(confirmation)) {
                WatchKey key = watcher.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (key == null) {
                    return Files.exists(confirmation);
                }
                key.pollEvents();
                key.reset();
            }
            return true;
        }
    }

    private void undo(@Nullable Installation before, AtomicBoolean undone, PrintStream out) {
        if (undone.compareAndSet(false, true)) {
            try {
                interceptor.restore(before, out);
            } catch (RuleException e) {
                out.println("interception: cannot be put back: " + e.getMessage());
            }
        }
    }
}
