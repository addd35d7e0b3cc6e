package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.telemetry.ByteRing;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import io.netty.util.concurrent.FastThreadLocal;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The files that access logs go to, and the one thread that writes them. Each loop has a lane of its own to each file, a ring of bytes; a line
 * that finds it full is dropped and counted ({@code filesystem.write_dropped}). Any thread. Lines are written every flush interval, or when a
 * lane is a quarter full.
 */
public final class LogSinks implements AutoCloseable {

    /** Bytes under way from one loop to one file at most: what a busy loop writes in some 40 ms. */
    private static final int CAPACITY = 1 << 19;

    /** One file. */
    final class Sink {
        private final String path;
        private final List<Lane> lanes = new CopyOnWriteArrayList<>();
        private final FastThreadLocal<Lane> mine = new FastThreadLocal<>() {
            @Override
            protected Lane initialValue() {
                Lane lane = new Lane();
                lanes.add(lane);
                return lane;
            }
        };
        private OutputStream out;

        Sink(String path) throws IOException {
            this.path = path;
            this.out = open(path);
        }

        private OutputStream open(String path) throws IOException {
            return switch (path) {
                case "/dev/stdout" -> stdoutCopy == null
                        ? new FileOutputStream(FileDescriptor.out) : new Both(new FileOutputStream(FileDescriptor.out), new FileOutputStream(stdoutCopy.toFile(), true));
                case "/dev/stderr" -> new FileOutputStream(FileDescriptor.err);
                default -> new FileOutputStream(path, true);
            };
        }

        /** The calling thread's. */
        Lane lane() {
            return mine.get();
        }
    }

    /** Closing leaves the first one open: it is the process's. */
    private static final class Both extends OutputStream {
        private final OutputStream first;
        private final OutputStream second;

        Both(OutputStream first, OutputStream second) {
            this.first = first;
            this.second = second;
        }

        @Override
        public void write(int oneByte) throws IOException {
            write(new byte[] {(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            first.write(bytes, from, length);
            second.write(bytes, from, length);
        }

        @Override
        public void close() throws IOException {
            second.close();
        }
    }

    /** The way of one thread's lines to one file. Confined to that thread but for what the writer drains. */
    final class Lane {
        private final Line line = new Line(1024);
        private final ByteRing ring = new ByteRing(CAPACITY);

        /** An empty line to be filled; {@link #end()} sends it. */
        Line begin() {
            line.setLength(0);
            return line;
        }

        void end() {
            if (!ring.offer(line.array(), line.length())) {
                dropped.inc();
            }
            if (ring.size() > CAPACITY / 4) {
                LockSupport.unpark(writer);
            }
        }
    }

    private final Map<String, Sink> sinks = new ConcurrentHashMap<>();
    private final @Nullable Path stdoutCopy;
    private final Counter dropped;
    private final Counter written;
    private final Counter failed;
    private final long flushNanos;
    private final Thread writer;
    private volatile boolean reopen;
    private volatile boolean closed;

    /** {@code flushMillis}: Envoy's {@code --file-flush-interval-msec}. */
    public LogSinks(Stats stats, long flushMillis) {
        this(stats, flushMillis, null);
    }

    /** {@code stdoutCopy}: a file that gets what is written to standard output; null for none. */
    public LogSinks(Stats stats, long flushMillis, @Nullable Path stdoutCopy) {
        this.stdoutCopy = stdoutCopy;
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
        for (Sink sink : sinks.values()) {
            for (Lane lane : sink.lanes) {
                try {
                    if (lane.ring.drainTo(sink.out) > 0) {
                        written.inc();
                    }
                } catch (IOException e) {
                    failed.inc();
                }
            }
        }
    }

    private void reopen(Sink sink) {
        drain();
        try {
            OutputStream fresh = sink.open(sink.path);
            OutputStream old = sink.out;
            sink.out = fresh;
            if (!sink.path.startsWith("/dev/std") || old instanceof Both) {
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
