package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MpscArrayQueue;

/**
 * The files that access logs go to, and the one thread that writes them. Loops hand lines over through a bounded queue; what finds it full
 * is dropped and counted ({@code filesystem.write_dropped}). Any thread. Lines are written every flush interval, or when the queue is half
 * full.
 */
public final class LogSinks implements AutoCloseable {

    /** Lines under way at most; with usual lines, some 16 MB. */
    private static final int CAPACITY = 1 << 15;

    /** One file. */
    static final class Sink {
        private final String path;
        private OutputStream out;
        private boolean dirty;

        Sink(String path) throws IOException {
            this.path = path;
            this.out = open(path);
        }

        private static OutputStream open(String path) throws IOException {
            return switch (path) {
                case "/dev/stdout" -> new FileOutputStream(FileDescriptor.out);
                case "/dev/stderr" -> new FileOutputStream(FileDescriptor.err);
                default -> new java.io.BufferedOutputStream(new FileOutputStream(path, true), 1 << 16);
            };
        }
    }

    private static final class Line {
        private final Sink sink;
        private final byte[] bytes;

        Line(Sink sink, byte[] bytes) {
            this.sink = sink;
            this.bytes = bytes;
        }
    }

    private final MpscArrayQueue<Line> queue = new MpscArrayQueue<>(CAPACITY);
    private final Map<String, Sink> sinks = new ConcurrentHashMap<>();
    private final Counter dropped;
    private final Counter written;
    private final Counter failed;
    private final long flushNanos;
    private final Thread writer;
    private volatile boolean reopen;
    private volatile boolean closed;

    /** {@code flushMillis}: Envoy's {@code --file-flush-interval-msec}. */
    public LogSinks(Stats stats, long flushMillis) {
        dropped = stats.counter("filesystem.write_dropped");
        written = stats.counter("filesystem.write_completed");
        failed = stats.counter("filesystem.write_failed");
        flushNanos = Math.max(1, flushMillis) * 1_000_000;
        writer = Thread.ofPlatform().daemon().name("access-log").unstarted(this::run);
        writer.start();
    }

    /** Throws IllegalArgumentException where the file cannot be opened. */
    Sink sink(String path) {
        return sinks.computeIfAbsent(path, p -> {
            try {
                return new Sink(p);
            } catch (IOException e) {
                throw new IllegalArgumentException("access log file '" + p + "' cannot be opened: " + e.getMessage(), e);
            }
        });
    }

    void write(Sink sink, byte[] line) {
        if (!queue.offer(new Line(sink, line))) {
            dropped.inc();
        } else if (queue.size() > CAPACITY / 2) {
            LockSupport.unpark(writer);
        }
    }

    /** Closes and opens every file again, for log rotation. */
    public void reopen() {
        reopen = true;
        LockSupport.unpark(writer);
    }

    private void run() {
        while (!closed) {
            LockSupport.parkNanos(this, flushNanos);
            if (reopen) {
                reopen = false;
                sinks.values().forEach(this::reopen);
            }
            drain();
        }
        drain();
    }

    private void drain() {
        Line line = queue.poll();
        while (line != null) {
            try {
                line.sink.out.write(line.bytes);
                line.sink.dirty = true;
                written.inc();
            } catch (IOException e) {
                failed.inc();
            }
            line = queue.poll();
        }
        for (Sink sink : sinks.values()) {
            if (sink.dirty) {
                sink.dirty = false;
                try {
                    sink.out.flush();
                } catch (IOException e) {
                    failed.inc();
                }
            }
        }
    }

    private void reopen(Sink sink) {
        drain();
        try {
            OutputStream fresh = Sink.open(sink.path);
            OutputStream old = sink.out;
            sink.out = fresh;
            if (!sink.path.startsWith("/dev/std")) {
                old.close();
            }
        } catch (IOException e) {
            failed.inc();
        }
    }

    /** Writes what is queued, then ends the thread. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(writer);
        try {
            writer.join(2_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
