package dev.outrider.bench.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Says what rose: the first half of a soak is warm-up; of the rest, the median of the last third is held against that of the first third. A leak of a
 * push or a connection a second shows there, a spike does not.
 */
final class Slope {

    /** A median of fewer says nothing. */
    static final int LEAST_READINGS = 6;

    private Slope() {}

    static List<String> objections(List<Reading> readings) {
        if (readings.size() < LEAST_READINGS) {
            return List.of("only " + readings.size() + " readings: a soak needs " + LEAST_READINGS);
        }
        List<Reading> watched = readings.subList(readings.size() / 2, readings.size());
        int third = Math.max(1, watched.size() / 3);
        List<String> objections = new ArrayList<>();
        for (Reading.Series series : Reading.Series.values()) {
            double before = median(watched.subList(0, third), series);
            double after = median(watched.subList(watched.size() - third, watched.size()), series);
            rise(series, before, after).ifPresent(objections::add);
        }
        return objections;
    }

    private static Optional<String> rise(Reading.Series series, double before, double after) {
        return after - before <= series.tolerance(before)
                ? Optional.empty()
                : Optional.of(String.format(Locale.ROOT, "%s rose from %.1f to %.1f", series.title(), before, after));
    }

    private static double median(List<Reading> readings, Reading.Series series) {
        List<Double> sorted = readings.stream().map(series::of).sorted().toList();
        return sorted.get(sorted.size() / 2);
    }
}
