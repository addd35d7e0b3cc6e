package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.xds.model.Metadata;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operators over dynamic, route, cluster, host and listener metadata, and over filter state. */
final class MetadataOperators {

    private MetadataOperators() {}

    static void register(Map<String, OperatorCatalog.Factory> all) {
        all.put("DYNAMIC_METADATA", a -> tree(a, MetadataOperators::dynamic));
        all.put("CLUSTER_METADATA", a -> tree(a, (c, f) -> filter(c.info.upstreamClusterMetadata, f)));
        all.put("UPSTREAM_METADATA", a -> tree(a, (c, f) -> filter(c.info.upstreamHostMetadata, f)));
        all.put("METADATA", a -> {
            String text = HttpOperators.argument("METADATA", a);
            int colon = text.indexOf(':');
            String rest = colon < 0 ? "" : text.substring(colon + 1);
            return switch (colon < 0 ? text : text.substring(0, colon)) {
                case "DYNAMIC" -> tree(rest, MetadataOperators::dynamic);
                case "ROUTE" -> tree(rest, (c, f) -> filter(c.info.routeMetadata, f));
                case "CLUSTER" -> tree(rest, (c, f) -> filter(c.info.upstreamClusterMetadata, f));
                case "UPSTREAM_HOST" -> tree(rest, (c, f) -> filter(c.info.upstreamHostMetadata, f));
                case "LISTENER" -> tree(rest, (c, f) -> filter(c.info.connection.listener().metadata(), f));
                case "LISTENER_FILTER_CHAIN", "VIRTUAL_HOST" -> tree(rest, (c, f) -> null);
                default -> throw new IllegalArgumentException("%METADATA(" + text + ")%: the kind before the colon is not known");
            };
        });
        all.put("FILTER_STATE", a -> {
            String text = HttpOperators.argument("FILTER_STATE", a);
            int colon = text.indexOf(':');
            String key = colon < 0 ? text : text.substring(0, colon);
            return (Operator.Text) c -> c.info.filterState(key);
        });
    }

    @FunctionalInterface
    private interface Source {
        @Nullable Object filter(LogContext context, String name);
    }

    private static @Nullable Object dynamic(LogContext context, String filter) {
        return context.info.dynamicMetadata().get(filter);
    }

    private static @Nullable Object filter(@Nullable Metadata metadata, String name) {
        return metadata == null ? null : metadata.filters().get(name);
    }

    private static Operator tree(@Nullable String argument, Source source) {
        String[] parts = argument == null ? new String[] {""} : argument.split(":", -1);
        String filter = parts[0];
        String[] path = Arrays.copyOfRange(parts, 1, parts.length);
        return new Operator() {
            private @Nullable Object value(LogContext context) {
                Object here = source.filter(context, filter);
                for (String step : path) {
                    here = here instanceof Map<?, ?> map ? map.get(step) : null;
                }
                return here;
            }

            @Override
            public boolean write(LogContext context, Line out) {
                Object value = value(context);
                if (value == null) {
                    return false;
                }
                if (value instanceof String text) {
                    out.append(Template.latin(text));
                } else {
                    JsonText.value(value, out);
                }
                return true;
            }

            @Override
            public Kind kind() {
                return Kind.JSON;
            }

            @Override
            public boolean writeJson(LogContext context, Line out) {
                Object value = value(context);
                if (value == null) {
                    return false;
                }
                JsonText.value(value, out);
                return true;
            }
        };
    }
}
