package dev.outrider.proxy.telemetry;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;

/**
 * The registry of the process's statistics by Envoy's full names ({@code cluster.<name>.upstream_rq_total}). Handles are taken once, when
 * configuration is compiled; no look-up happens per request. Any thread.
 */
public final class Stats {

    private final ConcurrentHashMap<String, Counter> counters = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Gauge> gauges = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Histogram> histograms = new ConcurrentHashMap<>();
    private final List<Runnable> collectors = new CopyOnWriteArrayList<>();

    public Counter counter(String name) {
        return counters.computeIfAbsent(name, n -> new Counter(n));
    }

    /** Registers or replaces a counter that is counted elsewhere and read from {@code source}. */
    public void counter(String name, LongSupplier source) {
        counters.put(name, new Counter(name, source));
    }

    public Gauge gauge(String name) {
        return gauges.computeIfAbsent(name, n -> new Gauge(n, null));
    }

    /** Registers or replaces a gauge that is read from {@code source}. */
    public Gauge gauge(String name, LongSupplier source) {
        Gauge gauge = new Gauge(name, source);
        gauges.put(name, gauge);
        return gauge;
    }

    public Histogram histogram(String name) {
        return histograms.computeIfAbsent(name, Histogram::new);
    }

    /** Registers or replaces a distribution that is counted elsewhere. {@code cells}: one for each bound, and one for what is above. */
    public void histogram(String name, double[] bounds, long[] cells, long sum) {
        histograms.put(name, new Histogram(name, bounds, cells, sum));
    }

    /** {@code collector} brings statistics up to date that are counted elsewhere. */
    public void beforeReading(Runnable collector) {
        collectors.add(collector);
    }

    void collect() {
        collectors.forEach(Runnable::run);
    }

    /** Forgets everything below a prefix such as {@code cluster.x.}: its configuration is gone. */
    public void removePrefix(String prefix) {
        counters.keySet().removeIf(n -> n.startsWith(prefix));
        gauges.keySet().removeIf(n -> n.startsWith(prefix));
        histograms.keySet().removeIf(n -> n.startsWith(prefix));
    }

    public SortedMap<String, Counter> counters() {
        return new TreeMap<>(counters);
    }

    public SortedMap<String, Gauge> gauges() {
        return new TreeMap<>(gauges);
    }

    public SortedMap<String, Histogram> histograms() {
        return new TreeMap<>(histograms);
    }

    public void resetCounters() {
        counters.values().forEach(Counter::reset);
    }
}
