package dev.outrider.proxy.telemetry;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A value that goes up and down, or that is computed when read. Any thread. */
public final class Gauge {

    private final String name;
    private final @Nullable LongSupplier source;
    private final LongAdder value = new LongAdder();

    Gauge(String name, @Nullable LongSupplier source) {
        this.name = name;
        this.source = source;
    }

    public String name() {
        return name;
    }

    public void inc() {
        value.increment();
    }

    public void dec() {
        value.decrement();
    }

    public void add(long n) {
        value.add(n);
    }

    /** Only for gauges that one thread sets. */
    public void set(long n) {
        value.reset();
        value.add(n);
    }

    public long value() {
        return source == null ? value.sum() : source.getAsLong();
    }
}
