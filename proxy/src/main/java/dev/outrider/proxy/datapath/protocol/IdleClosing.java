package dev.outrider.proxy.datapath.protocol;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Closes idle HTTP/1 connections of one loop that were told to end. A request that meets a close is lost (RFC 9112 §9.6), so those that were idle for
 * longest go first, a few at a time: clients, Envoy among them, take the connection that they used last, and the answer to that request ends it.
 * Loop-confined.
 */
final class IdleClosing {

    /** Between two steps the loop looks at its sockets: what has arrived is no longer idle. */
    private static final long STEP_MILLIS = 10;
    private static final int STEPS = 150;

    /** A connection as far as its end is concerned. */
    interface Leaving {
        boolean idle();

        /** System.nanoTime(). */
        long idleSince();

        void close();
    }

    private final EventLoop loop;
    private final List<Leaving> left = new ArrayList<>();
    private int steps;

    IdleClosing(EventLoop loop) {
        this.loop = loop;
    }

    void add(Leaving connection) {
        if (left.isEmpty()) {
            steps = STEPS;
            later();
        }
        left.add(connection);
    }

    private void later() {
        var unused = loop.schedule(this::step, STEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void step() {
        left.removeIf(connection -> !connection.idle());
        left.sort((a, b) -> Long.signum(a.idleSince() - b.idleSince()));
        List<Leaving> next = left.subList(0, Math.ceilDiv(left.size(), steps));
        next.forEach(Leaving::close);
        next.clear();
        steps = Math.max(1, steps - 1);
        if (!left.isEmpty()) {
            later();
        }
    }
}
