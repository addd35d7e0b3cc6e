package dev.outrider.bench.round;

import java.util.List;

/** Median, least and most of a figure over the rounds. */
public record Spread(int count, double median, double least, double most) {

    static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            return new Spread(0, Double.NaN, Double.NaN, Double.NaN);
        }
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        double median = sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        return new Spread(sorted.size(), median, sorted.getFirst(), sorted.getLast());
    }

    public boolean known() {
        return count > 0;
    }
}
