package dev.outrider.bench.load;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Counts calls and their latencies. On the load's loop. */
final class Tally {

    private static final long LONGEST_NANOS = TimeUnit.MINUTES.toNanos(2);
    private static final double NANOS_PER_MICRO = 1e3;

    private final Histogram latencies = new Histogram(LONGEST_NANOS, 3);
    private long completed;
    private long failed;

    void completed(long nanos) {
        completed++;
        latencies.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
    }

    /** A call without an answer was at least this slow. */
    void failed(long nanos) {
        failed++;
        latencies.recordValue(Math.clamp(nanos, 0, LONGEST_NANOS));
    }

    LoadReply reply(long nanos) {
        return new LoadReply(completed, failed, 0, nanos / 1e9, micros(50), micros(90), micros(99), micros(99.9));
    }

    private double micros(double percentile) {
        return latencies.getValueAtPercentile(percentile) / NANOS_PER_MICRO;
    }
}
