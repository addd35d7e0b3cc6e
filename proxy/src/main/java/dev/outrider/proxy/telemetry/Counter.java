package dev.outrider.proxy.telemetry;

import java.util.concurrent.atomic.LongAdder;

/** A monotonic count under an Envoy name. Any thread; cells are striped, so that loops do not meet in one cache line. */
public final class Counter {

    private final String name;
    private final LongAdder value = new LongAdder();

    Counter(String name) {
        this.name = name;
    }

    public String name() {
        return name;
    }

    public void inc() {
        value.increment();
    }

    public void add(long n) {
        value.add(n);
    }

    public long value() {
        return value.sum();
    }

    /** For {@code POST /reset_counters}. */
    void reset() {
        value.reset();
    }
}
