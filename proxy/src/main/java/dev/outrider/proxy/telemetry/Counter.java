package dev.outrider.proxy.telemetry;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A monotonic count under an Envoy name. Any thread; cells are striped, so that loops do not meet in one cache line. */
public final class Counter {

    private final String name;
    private final @Nullable LongSupplier source;
    private final LongAdder value = new LongAdder();

    Counter(String name) {
        this(name, null);
    }

    Counter(String name, @Nullable LongSupplier source) {
        this.name = name;
        this.source = source;
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
        return source == null ? value.sum() : source.getAsLong();
    }

    /** For {@code POST /reset_counters}; one that is counted elsewhere goes on. */
    void reset() {
        value.reset();
    }
}
