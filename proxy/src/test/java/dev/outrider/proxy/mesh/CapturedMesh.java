package dev.outrider.proxy.mesh;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.AdditionalAddress;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The resources of one captured state by name, as istiod sent them; only ports that would be bound are moved to a free one of loopback,
 * so that the test needs neither root nor the machine's ports.
 */
record CapturedMesh(
        Map<String, Cluster> clusters,
        Map<String, ClusterLoadAssignment> endpoints,
        Map<String, Listener> listeners,
        Map<String, RouteConfiguration> routes,
        Map<String, Secret> secrets,
        NameTable names) {

    /** The captures are kept once, with the parser's tests. */
    static final Path FOLDER = Path.of("..", "xds-client", "src", "test", "resources", "mesh");

    static final List<String> SCENARIOS = List.of(
            "bookinfo", "empty", "extensions", "multi-network", "resilience", "routing", "security", "security-strict", "sidecar-scoped",
            "tcp-tls", "telemetry", "telemetry-json");

    /** Node shapes of bookinfo; what is not captured anew is as in bookinfo. */
    static final List<String> VARIANTS = List.of("dualstack", "none", "old-1.27", "tproxy", "unregistered");

    static CapturedMesh scenario(String name) {
        return of(type -> whole(Path.of(name, type + ".pb")));
    }

    static CapturedMesh delta(String name) {
        return of(type -> {
            Path file = Path.of(name, "delta", type + ".pb");
            return exists(file) ? deltaResponse(file).getResourcesList().stream().map(Resource::getResource).toList() : List.of();
        });
    }

    static CapturedMesh variant(String name) {
        return of(type -> {
            Path own = Path.of("bookinfo", "variants", name, type + ".pb");
            return whole(exists(own) ? own : Path.of("bookinfo", type + ".pb"));
        });
    }

    static boolean exists(Path file) {
        return Files.exists(FOLDER.resolve(file));
    }

    static DeltaDiscoveryResponse deltaResponse(Path file) {
        try {
            return DeltaDiscoveryResponse.parseFrom(Files.readAllBytes(FOLDER.resolve(file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Any> whole(Path file) {
        try {
            return exists(file) ? DiscoveryResponse.parseFrom(Files.readAllBytes(FOLDER.resolve(file))).getResourcesList() : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static CapturedMesh of(Function<String, List<Any>> source) {
        Map<String, Listener> listeners = named(source.apply("lds"), Listener.class, Listener::getName);
        listeners.replaceAll((name, listener) -> movable(listener));
        List<Any> table = source.apply("nds");
        return new CapturedMesh(
                named(source.apply("cds"), Cluster.class, Cluster::getName),
                named(source.apply("eds"), ClusterLoadAssignment.class, ClusterLoadAssignment::getClusterName),
                listeners,
                named(source.apply("rds"), RouteConfiguration.class, RouteConfiguration::getName),
                named(source.apply("sds"), Secret.class, Secret::getName),
                table.isEmpty() ? NameTable.getDefaultInstance() : names(table.getFirst()));
    }

    private static NameTable names(Any any) {
        try {
            return NameTable.parseFrom(any.getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <M extends Message> Map<String, M> named(List<Any> resources, Class<M> type, Function<M, String> name) {
        Map<String, M> all = new LinkedHashMap<>();
        resources.forEach(any -> {
            M message = unpack(any, type);
            all.put(name.apply(message), message);
        });
        return all;
    }

    static <M extends Message> M unpack(Any any, Class<M> type) {
        try {
            return any.unpack(type);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The listener at a free port of loopback, where it is bound at all. */
    static Listener movable(Listener listener) {
        if (listener.hasBindToPort() && !listener.getBindToPort().getValue()) {
            return listener;
        }
        Listener.Builder moved = listener.toBuilder().setAddress(free(listener.getAddress()));
        moved.clearAdditionalAddresses();
        for (AdditionalAddress other : listener.getAdditionalAddressesList()) {
            moved.addAdditionalAddresses(other.toBuilder().setAddress(free(other.getAddress())));
        }
        return moved.build();
    }

    private static Address free(Address address) {
        String loopback = address.getSocketAddress().getAddress().contains(":") ? "::1" : "127.0.0.1";
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(loopback).setPortValue(0))
                .build();
    }

    Snapshot snapshot(String version) {
        return Snapshot.create(clusters.values(), endpoints.values(), listeners.values(), routes.values(), secrets.values(), version);
    }

    /** EDS names of all clusters but these. */
    Set<String> endpointNames(Set<String> butClusters) {
        Set<String> all = new LinkedHashSet<>();
        clusters.values().stream()
                .filter(c -> !butClusters.contains(c.getName()) && c.getType() == Cluster.DiscoveryType.EDS)
                .map(c -> c.getEdsClusterConfig().getServiceName().isEmpty() ? c.getName() : c.getEdsClusterConfig().getServiceName())
                .forEach(all::add);
        return all;
    }

    /** RDS names of all listeners but these. */
    Set<String> routeNames(Set<String> butListeners) {
        Set<String> all = new LinkedHashSet<>();
        listeners.values().stream()
                .filter(l -> !butListeners.contains(l.getName()))
                .flatMap(l -> Stream.concat(l.getFilterChainsList().stream(), Stream.of(l.getDefaultFilterChain())))
                .map(FilterChain::getFiltersList)
                .flatMap(List::stream)
                .filter(f -> f.getTypedConfig().is(HttpConnectionManager.class))
                .map(f -> unpack(f.getTypedConfig(), HttpConnectionManager.class))
                .filter(HttpConnectionManager::hasRds)
                .forEach(h -> all.add(h.getRds().getRouteConfigName()));
        return all;
    }
}
