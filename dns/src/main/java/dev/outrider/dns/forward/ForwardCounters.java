package dev.outrider.dns.forward;

import java.util.concurrent.atomic.AtomicLongArray;

/** What happened towards resolvers. One writer (the DNS loop), any reader. */
public final class ForwardCounters {

    /** One counter each. */
    public enum Event {
        EXCHANGE,
        HEDGE,
        TCP_RETRY,
        MISMATCH,
        MALFORMED,
        COALESCED,
        FAILED,
        OVER_LIMIT
    }

    private final AtomicLongArray counts = new AtomicLongArray(Event.values().length);

    void add(Event event) {
        counts.lazySet(event.ordinal(), counts.getPlain(event.ordinal()) + 1);
    }

    public long get(Event event) {
        return counts.get(event.ordinal());
    }
}
