package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.telemetry.accesslog.CelExpression;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.xds.model.NetworkFilter.MetricOverride;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Telemetry's overrides of Istio's metrics: labels set by CEL, labels removed, metrics dropped. Compiled once; immutable. */
final class IstioOverrides {

    private record Dimension(String metric, String label, Function<LogContext, String> value) {}

    private final List<MetricOverride> models;
    private final List<Dimension> dimensions = new ArrayList<>();

    /** An expression that {@link CelExpression} does not understand gives "unknown", as one without a value does. */
    IstioOverrides(List<MetricOverride> models) {
        this.models = models;
        for (MetricOverride model : models) {
            model.dimensions().forEach((label, expression) -> {
                Function<LogContext, String> value = CelExpression.compileText(expression);
                dimensions.add(new Dimension(model.name(), label, value == null ? c -> "" : value));
            });
        }
    }

    /** The values of all overridden labels for one stream. */
    List<String> values(LogContext context) {
        if (dimensions.isEmpty()) {
            return List.of();
        }
        List<String> values = new ArrayList<>(dimensions.size());
        for (Dimension dimension : dimensions) {
            values.add(dimension.value.apply(context));
        }
        return values;
    }

    /** The statistic's self-describing name, or null where the metric is dropped. */
    @Nullable String name(String metric, Map<String, String> standard, List<String> custom) {
        Map<String, String> labels = new LinkedHashMap<>(standard);
        for (int i = 0; i < dimensions.size(); i++) {
            Dimension dimension = dimensions.get(i);
            if (concerns(dimension.metric, metric)) {
                labels.put(dimension.label, custom.get(i).isEmpty() ? "unknown" : custom.get(i));
            }
        }
        for (MetricOverride model : models) {
            if (concerns(model.name(), metric)) {
                if (model.drop()) {
                    return null;
                }
                model.tagsToRemove().forEach(labels::remove);
            }
        }
        StringBuilder name = new StringBuilder("istio_").append(metric);
        labels.forEach((label, value) -> name.append(';').append(label).append('=').append(value.replace(';', '_')));
        return name.toString();
    }

    /** An override without a name is for all metrics; names come with or without {@code istio_}. */
    private static boolean concerns(String override, String metric) {
        return override.isEmpty() || override.equals(metric) || override.equals("istio_" + metric);
    }
}
