package dev.outrider.xds.bootstrap;

import dev.outrider.xds.proto.envoy.config.core.v3.ApiConfigSource;
import dev.outrider.xds.proto.envoy.config.core.v3.GrpcService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** envoy.config.core.v3.ConfigSource and ApiConfigSource, gRPC and files only. Any thread. */
public final class ConfigSourceParser {

    private ConfigSourceParser() {}

    /** Null when {@code errors} was told why; {@code field} stands in the reasons. */
    public static @Nullable ConfigSource parse(
            dev.outrider.xds.proto.envoy.config.core.v3.ConfigSource source, String field, Consumer<String> errors) {
        return switch (source.getConfigSourceSpecifierCase()) {
            case ADS, SELF -> new ConfigSource.Ads();
            case PATH -> new ConfigSource.File(source.getPath(), null);
            case PATH_CONFIG_SOURCE -> new ConfigSource.File(
                    source.getPathConfigSource().getPath(),
                    source.getPathConfigSource().hasWatchedDirectory()
                            ? source.getPathConfigSource().getWatchedDirectory().getPath() : null);
            case API_CONFIG_SOURCE -> grpc(source.getApiConfigSource(), field + ".api_config_source", errors);
            case CONFIGSOURCESPECIFIER_NOT_SET -> {
                errors.accept(field + ": says no source, give ads, api_config_source or path_config_source");
                yield null;
            }
        };
    }

    static ConfigSource.@Nullable Grpc grpc(ApiConfigSource source, String field, Consumer<String> errors) {
        boolean delta;
        switch (source.getApiType()) {
            case GRPC, AGGREGATED_GRPC -> delta = false;
            case DELTA_GRPC, AGGREGATED_DELTA_GRPC -> delta = true;
            default -> {
                errors.accept(field + ".api_type: " + source.getApiType().name() + " is not supported, give GRPC or DELTA_GRPC");
                return null;
            }
        }
        List<GrpcService> services = source.getGrpcServicesList();
        if (services.size() != 1) {
            errors.accept(field + ".grpc_services: needs exactly one, has " + services.size());
            return null;
        }
        GrpcService service = services.getFirst();
        Map<String, String> metadata = new LinkedHashMap<>();
        service.getInitialMetadataList().forEach(header -> metadata.put(header.getKey(), header.getValue()));
        return switch (service.getTargetSpecifierCase()) {
            case ENVOY_GRPC -> new ConfigSource.Grpc(
                    delta, service.getEnvoyGrpc().getClusterName(), "", Map.copyOf(metadata), source.getSetNodeOnFirstMessageOnly());
            case GOOGLE_GRPC -> new ConfigSource.Grpc(
                    delta, "", service.getGoogleGrpc().getTargetUri(), Map.copyOf(metadata), source.getSetNodeOnFirstMessageOnly());
            case TARGETSPECIFIER_NOT_SET -> {
                errors.accept(field + ".grpc_services: names neither envoy_grpc nor google_grpc");
                yield null;
            }
        };
    }
}
