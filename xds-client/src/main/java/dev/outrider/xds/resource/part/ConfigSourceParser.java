package dev.outrider.xds.resource.part;

import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.proto.envoy.config.core.v3.ApiConfigSource;
import dev.outrider.xds.proto.envoy.config.core.v3.GrpcService;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** envoy.config.core.v3.ConfigSource and ApiConfigSource, gRPC and files only. Any thread. */
public final class ConfigSourceParser {

    private ConfigSourceParser() {}

    /** Null when {@code at} was told why. */
    public static @Nullable ConfigSource parse(dev.outrider.xds.proto.envoy.config.core.v3.ConfigSource source, Scope at) {
        return switch (source.getConfigSourceSpecifierCase()) {
            case ADS, SELF -> new ConfigSource.Ads();
            case PATH -> new ConfigSource.File(source.getPath(), null);
            case PATH_CONFIG_SOURCE -> new ConfigSource.File(
                    source.getPathConfigSource().getPath(),
                    source.getPathConfigSource().hasWatchedDirectory()
                            ? source.getPathConfigSource().getWatchedDirectory().getPath() : null);
            case API_CONFIG_SOURCE -> grpc(source.getApiConfigSource(), at.at("api_config_source"));
            case CONFIGSOURCESPECIFIER_NOT_SET -> {
                at.reject("says no source, give ads, api_config_source or path_config_source");
                yield null;
            }
        };
    }

    /** The same for what can be nothing but gRPC, as the source of ADS. */
    public static ConfigSource.@Nullable Grpc grpc(ApiConfigSource source, Scope at) {
        boolean delta;
        switch (source.getApiType()) {
            case GRPC, AGGREGATED_GRPC -> delta = false;
            case DELTA_GRPC, AGGREGATED_DELTA_GRPC -> delta = true;
            default -> {
                at.at("api_type").reject(source.getApiType().name() + " is not supported, give GRPC or DELTA_GRPC");
                return null;
            }
        }
        List<GrpcService> services = source.getGrpcServicesList();
        if (services.size() != 1) {
            at.at("grpc_services").reject("needs exactly one, has " + services.size());
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
                at.at("grpc_services").reject("names neither envoy_grpc nor google_grpc");
                yield null;
            }
        };
    }
}
