package dev.outrider.proxy.telemetry;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicLong;

/** Bytes from one thread to one other, bounded: what is offered is taken whole or not at all. No locks, no garbage. */
public final class ByteRing {

    private final byte[] bytes;
    /** How many bytes were ever read and written. Each is moved by one side only, and tells the other what it may touch. */
    private final AtomicLong read = new AtomicLong();

    private final AtomicLong written = new AtomicLong();

    /** {@code capacity}: a power of two. */
    public ByteRing(int capacity) {
        bytes = new byte[capacity];
    }

    /** Either side; the other may have moved on. */
    public int size() {
        return (int) (written.getAcquire() - read.getAcquire());
    }

    /** The writing side; false where there is no room for all of it. */
    public boolean offer(byte[] from, int length) {
        long at = written.getPlain();
        if (length > bytes.length - (at - read.getAcquire())) {
            return false;
        }
        int start = (int) at & bytes.length - 1;
        int first = Math.min(length, bytes.length - start);
        System.arraycopy(from, 0, bytes, start, first);
        System.arraycopy(from, first, bytes, 0, length - first);
        written.setRelease(at + length);
        return true;
    }

    /** The reading side: writes what is there to {@code out}, which may fail; what it was given is gone in either case. How much it was. */
    public int drainTo(OutputStream out) throws IOException {
        long at = read.getPlain();
        int length = (int) (written.getAcquire() - at);
        int start = (int) at & bytes.length - 1;
        int first = Math.min(length, bytes.length - start);
        try {
            if (first > 0) {
                out.write(bytes, start, first);
            }
            if (length > first) {
                out.write(bytes, 0, length - first);
            }
        } finally {
            read.setRelease(at + length);
        }
        return length;
    }
}
