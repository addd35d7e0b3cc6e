package dev.outrider.proxy.telemetry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * {@code /stats/prometheus}, text format 0.0.4, with Envoy's names: {@code envoy_} before the name that remains when tags are taken out, any
 * character outside the format's set an underscore; names of Istio's own metrics and of Outrider's stay as they are.
 */
public final class PrometheusStats {

    private final TagRules rules;

    public PrometheusStats(TagRules rules) {
        this.rules = rules;
    }

    public String render(StatsView view) {
        StringBuilder out = new StringBuilder(64 * 1024);
        families(view.counters(), Counter::name, "counter", out, (c, tagged) -> sample(tagged, "", "", c.value(), out));
        families(view.gauges(), Gauge::name, "gauge", out, (g, tagged) -> sample(tagged, "", "", g.value(), out));
        families(view.histograms(), Histogram::name, "histogram", out, (h, tagged) -> buckets(h, tagged, out));
        return out.toString();
    }

    /** Samples of one name must follow each other, below one TYPE line. */
    private <T> void families(
            List<T> all, Function<T, String> name, String type, StringBuilder out, BiConsumer<T, TaggedName> samples) {
        Map<String, List<T>> byName = new TreeMap<>();
        for (T one : all) {
            byName.computeIfAbsent(exposed(rules.take(name.apply(one)).name()), n -> new ArrayList<>()).add(one);
        }
        byName.forEach((exposed, members) -> {
            out.append("# TYPE ").append(exposed).append(' ').append(type).append('\n');
            for (T member : members) {
                samples.accept(member, new TaggedName(exposed, rules.take(name.apply(member)).tags()));
            }
        });
    }

    private static void buckets(Histogram histogram, TaggedName tagged, StringBuilder out) {
        double[] bounds = histogram.bounds();
        for (int i = 0; i < bounds.length; i++) {
            sample(tagged, "_bucket", Quantiles.text(bounds[i]), histogram.cumulative(i), out);
        }
        long count = histogram.count();
        sample(tagged, "_bucket", "+Inf", count, out);
        sample(tagged, "_sum", "", histogram.sum(), out);
        sample(tagged, "_count", "", count, out);
    }

    private static void sample(TaggedName tagged, String suffix, String bound, long value, StringBuilder out) {
        out.append(tagged.name()).append(suffix).append('{');
        String separator = "";
        for (TaggedName.Tag tag : tagged.tags()) {
            out.append(separator);
            sanitize(tag.name(), out);
            out.append("=\"");
            escape(tag.value(), out);
            out.append('"');
            separator = ",";
        }
        if (!bound.isEmpty()) {
            out.append(separator).append("le=\"").append(bound).append('"');
        }
        out.append("} ").append(value).append('\n');
    }

    private static String exposed(String name) {
        StringBuilder out = new StringBuilder(name.length() + 6);
        if (name.startsWith("istiocustom.")) {
            sanitize(name.substring("istiocustom.".length()), out);
            return out.toString();
        }
        if (!name.startsWith("istio_") && !name.startsWith("outrider_")) {
            out.append("envoy_");
        }
        sanitize(name, out);
        return out.toString();
    }

    private static void sanitize(String text, StringBuilder out) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean legal = c < 128 && (Character.isLetter(c) || c == '_' || (Character.isDigit(c) && out.length() > 0));
            out.append(legal ? c : '_');
        }
    }

    private static void escape(String value, StringBuilder out) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '"' -> out.append("\\\"");
                case '\n' -> out.append("\\n");
                default -> out.append(c);
            }
        }
    }
}
