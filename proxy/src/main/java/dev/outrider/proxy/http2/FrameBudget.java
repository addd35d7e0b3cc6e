package dev.outrider.proxy.http2;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;

/**
 * Frames that cost us and serve nobody (CVE-2019-9512, 9513, 9515): allowed in proportion to the work done in the same ten seconds. Clients
 * that measure bandwidth send a PING per DATA frame, so a fixed number would not do.
 */
final class FrameBudget {

    private static final long WINDOW_NANOS = 10_000_000_000L;
    private static final int FREE = 100;

    private long windowStart = System.nanoTime();
    private long spent;
    private long earned;

    /** Work that a peer may answer with frames of its own. */
    void earn(int frames) {
        earned += frames;
    }

    void spend(String what) throws Http2Exception {
        if (++spent <= FREE + 4 * earned) {
            return;
        }
        long now = System.nanoTime();
        if (now - windowStart < WINDOW_NANOS) {
            throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many %s frames", what);
        }
        windowStart = now;
        spent = 1;
        earned = 0;
    }
}
