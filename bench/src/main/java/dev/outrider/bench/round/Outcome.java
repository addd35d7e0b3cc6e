package dev.outrider.bench.round;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** All samples of one workload, by contender and round, and who did not take part. Confined to its thread while it is filled. */
public final class Outcome {

    private final Workload workload;
    private final Map<String, List<Sample>> samples = new LinkedHashMap<>();
    private final Map<String, String> absent = new LinkedHashMap<>();
    private boolean failed;

    Outcome(Workload workload) {
        this.workload = workload;
    }

    void add(String contender, Sample sample) {
        samples.computeIfAbsent(contender, name -> new ArrayList<>()).add(sample);
    }

    void absent(String contender, String reason) {
        absent.put(contender, reason);
        samples.remove(contender);
    }

    /** A contender could have taken part and did not hold out. */
    void failed(String contender, String reason) {
        failed = true;
        absent(contender, "failed: " + reason);
    }

    public boolean failed() {
        return failed;
    }

    public Workload workload() {
        return workload;
    }

    /** Contenders that took part, in order. */
    public Set<String> contenders() {
        return samples.keySet();
    }

    /** Contenders that did not, each with the reason. */
    public Map<String, String> absent() {
        return absent;
    }

    public Set<Metric> metrics() {
        // The reference has them all, in the order in which they are to be read; no proxy has no cost.
        Set<Metric> all = new LinkedHashSet<>();
        samples.getOrDefault(workload.reference(), List.of()).forEach(s -> all.addAll(s.values().keySet()));
        samples.values().forEach(rounds -> rounds.forEach(s -> all.addAll(s.values().keySet())));
        return all;
    }

    /** A figure in each round; rounds that lack it are left out. */
    public Spread values(String contender, Metric metric) {
        return each(contender, round -> in(round, contender, metric));
    }

    /** The figure as a multiple of the reference's in the same round. */
    public Spread ratios(String contender, Metric metric) {
        return each(contender, round -> ratio(in(round, contender, metric), in(round, workload.reference(), metric)));
    }

    /** The part above the contender without a proxy, in each round. */
    public Spread added(String contender, Metric metric) {
        return each(contender, round -> addedIn(round, contender, metric));
    }

    public Spread addedRatios(String contender, Metric metric) {
        return each(contender, round -> ratio(addedIn(round, contender, metric), addedIn(round, workload.reference(), metric)));
    }

    /** Slots that stayed spoiled by other work on the machine after all attempts, over all contenders. */
    public int spoiled() {
        int count = 0;
        for (List<Sample> rounds : samples.values()) {
            for (Sample sample : rounds) {
                count += sample.foreignCores() > Effort.MOST_FOREIGN_CORES ? 1 : 0;
            }
        }
        return count;
    }

    public int slots() {
        return samples.values().stream().mapToInt(List::size).sum();
    }

    private Spread each(String contender, IntFunction<@Nullable Double> figure) {
        List<Double> all = new ArrayList<>();
        for (int round = 0; round < samples.getOrDefault(contender, List.of()).size(); round++) {
            Double value = figure.apply(round);
            if (value != null) {
                all.add(value);
            }
        }
        return Spread.of(all);
    }

    private static @Nullable Double ratio(@Nullable Double mine, @Nullable Double reference) {
        return mine == null || reference == null || reference <= 0 ? null : (Double) (mine / reference);
    }

    private @Nullable Double addedIn(int round, String contender, Metric metric) {
        Double all = in(round, contender, metric);
        Double base = in(round, Contender.DIRECT, metric);
        return all == null || base == null ? null : (Double) (all - base);
    }

    private @Nullable Double in(int round, String contender, Metric metric) {
        List<Sample> mine = samples.getOrDefault(contender, List.of());
        return round < mine.size() ? mine.get(round).value(metric) : null;
    }
}
