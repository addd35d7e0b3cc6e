package dev.outrider.bench.round;

/**
 * What a figure is.
 *
 * @param name as the report prints it, with the unit
 * @param less true where less is better
 * @param overDirect true where the part above the contender without a proxy is reported too
 */
public record Metric(String name, boolean less, boolean overDirect) {

    public static Metric cost(String name) {
        return new Metric(name, true, false);
    }

    public static Metric rate(String name) {
        return new Metric(name, false, false);
    }

    public static Metric latency(String name) {
        return new Metric(name, true, true);
    }
}
