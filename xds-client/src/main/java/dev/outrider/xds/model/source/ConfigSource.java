package dev.outrider.xds.model.source;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** envoy.config.core.v3.ConfigSource: where resources of one type come from. */
public sealed interface ConfigSource {

    /** Over the one aggregated stream. */
    record Ads() implements ConfigSource {}

    /** A DiscoveryResponse as YAML, JSON or binary ({@code .pb}), read again on change; {@code watched} is a directory to watch, or null. */
    record File(String path, @Nullable String watched) implements ConfigSource {}

    /**
     * envoy.config.core.v3.ApiConfigSource over gRPC.
     *
     * @param cluster bootstrap cluster; empty when {@code target} is given
     * @param target google_grpc's target_uri
     */
    record Grpc(
            boolean delta, String cluster, String target, Map<String, String> initialMetadata, boolean nodeOnFirstMessageOnly)
            implements ConfigSource {}
}
