package dev.outrider.proxy.telemetry;

import com.google.re2j.Pattern;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The registry as one request wants to see it: matcher of the bootstrap, those of one kind or only used ones, those whose name is searched for. Any thread. */
public record StatsView(Stats stats, StatsMatcher matcher, boolean usedOnly, @Nullable Pattern filter, Type type) {

    public StatsView {
        stats.collect();
    }

    public enum Type { ALL, COUNTERS, GAUGES, HISTOGRAMS, TEXT_READOUTS }

    public List<Counter> counters() {
        return chosen(Type.COUNTERS, stats.counters().values(), Counter::name, c -> c.value() != 0);
    }

    public List<Gauge> gauges() {
        return chosen(Type.GAUGES, stats.gauges().values(), Gauge::name, Gauge::used);
    }

    public List<Histogram> histograms() {
        return chosen(Type.HISTOGRAMS, stats.histograms().values(), Histogram::name, h -> h.count() != 0);
    }

    private <T> List<T> chosen(Type kind, Collection<T> all, Function<T, String> name, Predicate<T> used) {
        if (type != Type.ALL && type != kind) {
            return List.of();
        }
        return all.stream()
                .filter(t -> !usedOnly || used.test(t))
                .filter(t -> shown(name.apply(t)))
                .toList();
    }

    private boolean shown(String name) {
        return (filter == null || filter.matcher(name).find()) && matcher.shows(name);
    }
}
