package dev.outrider.bench.process;

import dev.outrider.bench.process.ProcFiles.Memory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One process of a run. Ended by {@link #close()} or, at the latest, when the bench ends. One thread at a time. */
public final class Child implements AutoCloseable {

    private static final long GRACE_SECONDS = 3;
    private static final long POLL_NANOS = 2_000_000;

    private final String name;
    private final Process process;
    private final Path log;

    Child(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public double cpuSeconds() {
        return ProcFiles.cpuSeconds(pid());
    }

    public Memory memory() {
        return ProcFiles.memory(pid());
    }

    public BufferedReader output() {
        return process.inputReader(StandardCharsets.UTF_8);
    }

    public OutputStream input() {
        return process.getOutputStream();
    }

    /** Returns once something accepts connections on the port; fails with the end of the process's log if it dies or takes too long. */
    public void awaitPort(int port, Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!accepts(port)) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(name + (process.isAlive() ? " is not listening on " : " ended before it listened on ") + port + ": " + lastWords());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static boolean accepts(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public boolean alive() {
        return process.isAlive();
    }

    /** The end of what the process wrote to its log. */
    public String lastWords() {
        try {
            String text = Files.readString(log, StandardCharsets.ISO_8859_1);
            return text.substring(Math.max(0, text.length() - 600)).strip();
        } catch (IOException e) {
            return "no log";
        }
    }

    /** SIGTERM; its exit code. Fails when it has not ended within the limit. */
    public int terminate(Duration limit) throws InterruptedException {
        process.destroy();
        return await(limit);
    }

    /** Its exit code. Fails when it has not ended within the limit. */
    public int await(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toNanos(), TimeUnit.NANOSECONDS)) {
            throw new IllegalStateException(name + " has not ended after " + limit.toSeconds() + " s: " + lastWords());
        }
        return process.exitValue();
    }

    /** SIGTERM, then SIGKILL; returns when the process has ended. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        try {
            process.getInputStream().close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
