package dev.outrider.proxy.telemetry;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** {@code /stats?format=json} in Envoy's shape. */
public final class JsonStats {

    private JsonStats() {}

    public static String render(StatsView view) {
        Map<String, Long> values = new TreeMap<>();
        view.counters().forEach(c -> values.put(c.name(), c.value()));
        view.gauges().forEach(g -> values.put(g.name(), g.value()));
        StringBuilder out = new StringBuilder(values.size() * 80).append("{\"stats\":[");
        String separator = "";
        for (Map.Entry<String, Long> entry : values.entrySet()) {
            out.append(separator).append("{\"name\":");
            quote(entry.getKey(), out);
            out.append(",\"value\":").append(entry.getValue().longValue()).append('}');
            separator = ",";
        }
        List<Histogram> histograms = view.histograms();
        if (!histograms.isEmpty()) {
            out.append(separator);
            histograms(histograms, out);
        }
        return out.append("]}").toString();
    }

    private static void histograms(List<Histogram> histograms, StringBuilder out) {
        out.append("{\"histograms\":{\"supported_quantiles\":[");
        for (int i = 0; i < Quantiles.SUPPORTED.length; i++) {
            out.append(i == 0 ? "" : ",").append(Quantiles.text(Quantiles.SUPPORTED[i]));
        }
        out.append("],\"computed_quantiles\":[");
        String separator = "";
        for (Histogram histogram : histograms) {
            out.append(separator).append("{\"name\":");
            quote(histogram.name(), out);
            out.append(",\"values\":[");
            for (int i = 0; i < Quantiles.SUPPORTED.length; i++) {
                double value = Quantiles.of(histogram, Quantiles.SUPPORTED[i]);
                out.append(i == 0 ? "" : ",").append("{\"interval\":null,\"cumulative\":")
                        .append(Double.isNaN(value) ? "null" : Quantiles.text(value)).append('}');
            }
            out.append("]}");
            separator = ",";
        }
        out.append("]}}");
    }

    /** A JSON string; names hold whatever a control plane put into them. */
    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c > '~') {
                out.append("\\u").append(String.format("%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
