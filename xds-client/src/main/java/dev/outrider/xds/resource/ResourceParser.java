package dev.outrider.xds.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NameTable;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.resource.part.FileSource;
import dev.outrider.xds.resource.type.KnownTypes;
import java.util.function.Function;

/** Resources as xDS delivers them. Every method answers for any bytes, and never throws. Any thread. */
public final class ResourceParser {

    private final FileSource files;

    public ResourceParser(FileSource files) {
        this.files = files;
    }

    /** Reads files and environment of this machine. */
    public ResourceParser() {
        this(FileSource.SYSTEM);
    }

    public ParsedResource<Listener> listener(Any resource) {
        return parse(resource, "envoy.config.listener.v3.Listener",
                dev.outrider.xds.proto.envoy.config.listener.v3.Listener.parser(),
                dev.outrider.xds.proto.envoy.config.listener.v3.Listener::getName,
                message -> ListenerParser.parse(message, files));
    }

    public ParsedResource<Cluster> cluster(Any resource) {
        return parse(resource, "envoy.config.cluster.v3.Cluster",
                dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster.parser(),
                dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster::getName,
                message -> ClusterParser.parse(message, files));
    }

    public ParsedResource<RouteConfiguration> routeConfiguration(Any resource) {
        return parse(resource, "envoy.config.route.v3.RouteConfiguration",
                dev.outrider.xds.proto.envoy.config.route.v3.RouteConfiguration.parser(),
                dev.outrider.xds.proto.envoy.config.route.v3.RouteConfiguration::getName,
                message -> RouteConfigurationParser.parse(message, files));
    }

    public ParsedResource<ClusterLoadAssignment> endpoints(Any resource) {
        return parse(resource, "envoy.config.endpoint.v3.ClusterLoadAssignment",
                dev.outrider.xds.proto.envoy.config.endpoint.v3.ClusterLoadAssignment.parser(),
                dev.outrider.xds.proto.envoy.config.endpoint.v3.ClusterLoadAssignment::getClusterName,
                EndpointParser::parse);
    }

    public ParsedResource<Secret> secret(Any resource) {
        return parse(resource, "envoy.extensions.transport_sockets.tls.v3.Secret",
                dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.Secret.parser(),
                dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.Secret::getName,
                message -> SecretParser.parse(message, files));
    }

    /** The table has no name. */
    public ParsedResource<NameTable> nameTable(Any resource) {
        return parse(resource, "istio.networking.nds.v1.NameTable",
                dev.outrider.xds.proto.istio.networking.nds.v1.NameTable.parser(), message -> "", NameTableParser::parse);
    }

    private static <M, T> ParsedResource<T> parse(
            Any resource, String type, Parser<M> parser, Function<M, String> name, Function<M, Parsed<T>> parse) {
        if (!KnownTypes.shortType(resource.getTypeUrl()).equals(type)) {
            return new ParsedResource<>("", Parsed.rejected("type '" + resource.getTypeUrl() + "' is not " + type));
        }
        M message;
        try {
            message = parser.parseFrom(resource.getValue());
        } catch (InvalidProtocolBufferException e) {
            return new ParsedResource<>("", Parsed.rejected(type + " cannot be decoded: " + e.getMessage()));
        }
        return new ParsedResource<>(name.apply(message), parse.apply(message));
    }
}
