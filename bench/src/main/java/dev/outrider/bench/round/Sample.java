package dev.outrider.bench.round;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The figures of one slot, in the order in which they are to be reported. Confined to its thread while it is filled. */
public final class Sample {

    private final Map<Metric, Double> values = new LinkedHashMap<>();
    private double foreignCores;

    public Sample with(Metric metric, double value) {
        values.put(metric, value);
        return this;
    }

    public Map<Metric, Double> values() {
        return values;
    }

    public @Nullable Double value(Metric metric) {
        return values.get(metric);
    }

    /** Figures of both, as one slot. */
    public Sample and(Sample other) {
        values.putAll(Objects.requireNonNull(other).values);
        return this;
    }

    /** Cores that processes outside the run used meanwhile. */
    public double foreignCores() {
        return foreignCores;
    }

    void foreignCores(double cores) {
        foreignCores = cores;
    }
}
