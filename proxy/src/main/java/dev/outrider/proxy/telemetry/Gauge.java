package dev.outrider.proxy.telemetry;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A value that goes up and down, or that is computed when read. Any thread. */
public final class Gauge {

    private final String name;
    private final @Nullable LongSupplier source;
    private final LongAdder value = new LongAdder();
    private boolean touched;

    Gauge(String name, @Nullable LongSupplier source) {
        this.name = name;
        this.source = source;
    }

    public String name() {
        return name;
    }

    public void inc() {
        add(1);
    }

    public void dec() {
        add(-1);
    }

    public void add(long n) {
        value.add(n);
        touch();
    }

    /** Only for gauges that one thread sets. */
    public void set(long n) {
        value.reset();
        value.add(n);
        touch();
    }

    public long value() {
        return source == null ? value.sum() : source.getAsLong();
    }

    /** Whether it was ever given a value (Envoy's {@code usedonly}); a race shows it one scrape later. */
    public boolean used() {
        return source != null || touched;
    }

    private void touch() {
        // Read before write: the line stays shared between the loops' caches.
        if (!touched) {
            touched = true;
        }
    }
}
