package dev.outrider.proxy.probe;

import java.net.SocketTimeoutException;
import java.time.Duration;

/** The end of one look, however many reads it takes. */
record Deadline(long nanos) {

    static Deadline in(Duration time) {
        return new Deadline(System.nanoTime() + time.toNanos());
    }

    /** At least 1, as 0 means for ever to sockets. */
    int millisLeft() throws SocketTimeoutException {
        long left = (nanos - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        return Math.toIntExact(left);
    }
}
