package dev.outrider.xds.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * envoy.config.core.v3.Metadata: filter name to a JSON-like tree. Values are String, Double, Boolean, List, Map or null; maps keep the
 * order in which they were sent and are unmodifiable.
 */
public record Metadata(Map<String, Map<String, @Nullable Object>> filters) {

    public static final Metadata EMPTY = new Metadata(Map.of());

    /** The value at {@code filter} and {@code path}, or null where there is none. */
    public @Nullable Object at(String filter, String... path) {
        Object here = filters.get(filter);
        for (String step : path) {
            here = here instanceof Map<?, ?> map ? map.get(step) : null;
        }
        return here;
    }
}
