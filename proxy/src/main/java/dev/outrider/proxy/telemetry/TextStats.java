package dev.outrider.proxy.telemetry;

import java.util.Map;
import java.util.TreeMap;

/** {@code /stats} as Envoy's text: one {@code name: value} per line, counters and gauges in one order, then histograms. */
public final class TextStats {

    private TextStats() {}

    public static String render(StatsView view) {
        Map<String, Long> values = new TreeMap<>();
        view.counters().forEach(c -> values.put(c.name(), c.value()));
        view.gauges().forEach(g -> values.put(g.name(), g.value()));
        StringBuilder out = new StringBuilder(values.size() * 64);
        values.forEach((name, value) -> out.append(name).append(": ").append(value.longValue()).append('\n'));
        view.histograms().forEach(h -> histogram(h, out));
        return out.toString();
    }

    private static void histogram(Histogram histogram, StringBuilder out) {
        out.append(histogram.name()).append(':');
        if (histogram.count() == 0) {
            out.append(" No recorded values\n");
            return;
        }
        for (double quantile : Quantiles.SUPPORTED) {
            out.append(" P").append(Quantiles.text(quantile)).append("(nan,")
                    .append(Quantiles.text(Quantiles.of(histogram, quantile))).append(')');
        }
        out.append('\n');
    }
}
