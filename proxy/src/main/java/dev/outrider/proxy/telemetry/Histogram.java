package dev.outrider.proxy.telemetry;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/**
 * A distribution of non-negative values (milliseconds, bytes) in Envoy's default Prometheus buckets. Any thread. Recording allocates
 * nothing.
 */
public final class Histogram {

    /** Upper bounds, inclusive, of Envoy's and Istio's default buckets; one more cell takes what is above. */
    static final double[] BOUNDS = {
        0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 30000, 60000, 300000, 600000, 1800000, 3600000
    };

    private final String name;
    private final double[] bounds;
    private final AtomicLongArray cells;
    private final LongAdder sum = new LongAdder();

    Histogram(String name) {
        this(name, BOUNDS, new long[BOUNDS.length + 1], 0);
    }

    Histogram(String name, double[] bounds, long[] cells, long sum) {
        this.name = name;
        this.bounds = bounds;
        this.cells = new AtomicLongArray(cells);
        this.sum.add(sum);
    }

    public String name() {
        return name;
    }

    public void record(long value) {
        int cell = 0;
        while (cell < bounds.length && value > bounds[cell]) {
            cell++;
        }
        cells.incrementAndGet(cell);
        sum.add(value);
    }

    public long sum() {
        return sum.sum();
    }

    public long count() {
        long all = 0;
        for (int i = 0; i < cells.length(); i++) {
            all += cells.get(i);
        }
        return all;
    }

    /** How many values were at most {@code bounds()[i]}. */
    public long cumulative(int bound) {
        long all = 0;
        for (int i = 0; i <= bound; i++) {
            all += cells.get(i);
        }
        return all;
    }

    public double[] bounds() {
        return bounds.clone();
    }
}
