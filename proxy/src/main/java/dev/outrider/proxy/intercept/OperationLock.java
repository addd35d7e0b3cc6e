package dev.outrider.proxy.intercept;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** One command at a time, in whichever process: a guard must not put back what another command is taking away. Let go of when the process ends. */
final class OperationLock implements AutoCloseable {

    private final FileChannel channel;
    private final FileLock lock;

    private OperationLock(FileChannel channel, FileLock lock) {
        this.channel = channel;
        this.lock = lock;
    }

    /** Waits for its turn, and for what a killed command left running. The lock stands beside {@code state}. */
    static OperationLock take(Path state, RuleRunner runner) throws RuleException {
        OperationLock turn = take(state);
        try {
            runner.awaitOrphans();
            return turn;
        } catch (RuleException e) {
            turn.close();
            throw e;
        }
    }

    private static OperationLock take(Path state) throws RuleException {
        Path file = state.resolveSibling("lock");
        try {
            Files.createDirectories(state.resolveSibling(""));
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            return new OperationLock(channel, channel.lock());
        } catch (AccessDeniedException e) {
            throw new RuleException(file + " is root's alone: run it as root");
        } catch (IOException e) {
            throw new RuleException(file + " cannot be locked (" + e.getMessage() + ")");
        }
    }

    @Override
    public void close() {
        try (channel) {
            lock.release();
        } catch (IOException e) {
            // Closing the channel lets go as well; nothing else depends on it.
            return;
        }
    }
}
