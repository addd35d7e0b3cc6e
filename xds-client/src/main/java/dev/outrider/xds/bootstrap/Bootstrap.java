package dev.outrider.xds.bootstrap;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.match.StringMatcher;
import dev.outrider.xds.model.source.ConfigSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * envoy.config.bootstrap.v3.Bootstrap, read. Immutable.
 *
 * @param admin null = no admin endpoint
 * @param runtime static layers in order
 * @param wire the whole message, for {@code /config_dump}
 */
public record Bootstrap(
        NodeIdentity node,
        @Nullable Address admin,
        List<Fixed<Listener>> listeners,
        List<Fixed<Cluster>> clusters,
        List<Fixed<Secret>> secrets,
        DynamicResources dynamic,
        StatsOptions stats,
        List<RuntimeLayer> runtime,
        Bytes wire) {

    /** A static resource and the message that it was read from. */
    public record Fixed<T>(String name, T model, String typeUrl, Bytes wire) {}

    /** Null = there are none of this kind. */
    public record DynamicResources(@Nullable ConfigSource lds, @Nullable ConfigSource cds, ConfigSource.@Nullable Grpc ads) {}

    /**
     * envoy.config.metrics.v3.StatsConfig.
     *
     * @param inclusion only these, when not null
     * @param exclusion all but these, when not null
     * @param flushIntervalNanos 5 s by default
     */
    public record StatsOptions(
            List<Tag> tags,
            boolean defaultTags,
            boolean rejectAll,
            @Nullable List<StringMatcher> inclusion,
            @Nullable List<StringMatcher> exclusion,
            long flushIntervalNanos) {}

    /** envoy.config.metrics.v3.TagSpecifier; {@code regex} is as sent, in ECMAScript syntax. */
    public record Tag(String name, @Nullable String regex, @Nullable String fixedValue) {}

    /** {@code values}: strings, numbers (double), booleans; nested structures are flattened with dots. Empty for admin, disk and RTDS layers. */
    public record RuntimeLayer(String name, Map<String, Object> values) {}

    /** The value of each key in the last layer that has it. */
    public Map<String, Object> mergedRuntime() {
        Map<String, Object> merged = new LinkedHashMap<>();
        runtime.forEach(layer -> merged.putAll(layer.values()));
        return merged;
    }
}
