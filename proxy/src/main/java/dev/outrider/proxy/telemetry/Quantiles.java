package dev.outrider.proxy.telemetry;

/**
 * Quantiles of a bucketed distribution, linear inside a bucket. Envoy computes them from finer buckets: these are within one bucket of
 * the truth.
 */
final class Quantiles {

    static final double[] SUPPORTED = {0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100};

    private Quantiles() {}

    /** The value below which {@code percent} of the recorded ones lie; NaN without records. */
    static double of(Histogram histogram, double percent) {
        long count = histogram.count();
        if (count == 0) {
            return Double.NaN;
        }
        double[] bounds = histogram.bounds();
        double rank = percent / 100 * count;
        long below = 0;
        double low = 0;
        for (int i = 0; i < bounds.length; i++) {
            long upTo = histogram.cumulative(i);
            if (upTo > below && rank <= upTo) {
                return low + (bounds[i] - low) * Math.max(0, rank - below) / (upTo - below);
            }
            below = upTo;
            low = bounds[i];
        }
        return low;
    }

    /** As Envoy prints numbers: no trailing zeros. */
    static String text(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : Double.toString(value);
    }
}
