package dev.outrider.bench.machine;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * What istiod sent to a machine for Bookinfo, with three changes: what is bound is bound on loopback, so is the listener of HTTP port 9080, as
 * nothing is redirected, and productpage's endpoint is the load generator's backend. More services are copies of productpage (HTTP) and mysqldb (TCP) under
 * names and addresses of equal length, so that the serialized form can be edited in place. One thread.
 */
final class MeshResources {

    private static final int ENDPOINTS = 10;
    private static final String BACKEND_SERVICE = "outbound|9080||productpage.default.svc.cluster.local";
    private static final String LOAD_HOST = "bench.example";

    /** Every fifth further service is TCP, which has a listener of its own. */
    private static final int TCP_EVERY = 5;

    private final List<Cluster> clusters = read("cds", Cluster.parser());
    private final List<ClusterLoadAssignment> endpoints = read("eds", ClusterLoadAssignment.parser());
    private final List<Listener> listeners = read("lds", Listener.parser());
    private final List<RouteConfiguration> routes = read("rds", RouteConfiguration.parser());
    private final NameTable.Builder names = read("nds", NameTable.parser()).getFirst().toBuilder();

    /** {@code outboundPort}: where HTTP is taken; {@code backendPort}: where productpage is. */
    MeshResources(int services, int outboundPort, int backendPort) {
        for (int i = 0; i < services; i++) {
            if (i % TCP_EVERY == 0) {
                addTcp(i);
            } else {
                addHttp(i);
            }
        }
        listeners.replaceAll(listener -> reachable(listener, outboundPort));
        endpoints.replaceAll(assignment -> assignment.getClusterName().equals(BACKEND_SERVICE)
                ? assignment(BACKEND_SERVICE, List.of(LbEndpoint.newBuilder()
                        .setEndpoint(Endpoint.newBuilder().setAddress(at("127.0.0.1", backendPort))).build()))
                : assignment);
        routes.replaceAll(route -> route.getName().equals("9080") ? route.toBuilder().clearVirtualHosts()
                .addAllVirtualHosts(route.getVirtualHostsList().stream()
                        .map(host -> host.getName().startsWith("productpage.") ? host.toBuilder().addDomains(LOAD_HOST).build() : host)
                        .toList())
                .build() : route);
    }

    Snapshot snapshot() {
        return Snapshot.create(clusters, endpoints, listeners, routes, List.of(), "1");
    }

    NameTable names() {
        return names.build();
    }

    private void addHttp(int number) {
        String name = String.format("service%04d", number);
        String address = address(number);
        addCopies("productpage", name, "10.96.0.11", address);
        routes.replaceAll(route -> route.getName().equals("9080")
                ? route.toBuilder().addVirtualHosts(edited(hostOf(route), VirtualHost.parser(), "productpage", name, "10.96.0.11", address)).build()
                : route);
    }

    private static VirtualHost hostOf(RouteConfiguration route) {
        return route.getVirtualHostsList().stream().filter(host -> host.getName().startsWith("productpage.")).findFirst().orElseThrow();
    }

    private void addTcp(int number) {
        String name = String.format("tcp%04d", number);
        String address = address(number);
        addCopies("mysqldb", name, "10.96.0.16", address);
        Listener listener = listeners.stream().filter(one -> one.getName().equals("10.96.0.16_3306")).findFirst().orElseThrow();
        listeners.add(edited(listener, Listener.parser(), "mysqldb", name, "10.96.0.16", address));
    }

    private void addCopies(String original, String name, String originalAddress, String address) {
        Cluster cluster = clusters.stream()
                .filter(one -> one.getName().endsWith("||" + original + ".default.svc.cluster.local")).findFirst().orElseThrow();
        Cluster copy = edited(cluster, Cluster.parser(), original, name, originalAddress, address);
        clusters.add(copy);
        ClusterLoadAssignment assignment = endpoints.stream()
                .filter(one -> one.getClusterName().equals(cluster.getName())).findFirst().orElseThrow();
        LbEndpoint pattern = assignment.getEndpoints(0).getLbEndpoints(0);
        List<LbEndpoint> all = new ArrayList<>();
        for (int i = 0; i < ENDPOINTS; i++) {
            all.add(pattern.toBuilder()
                    .setEndpoint(Endpoint.newBuilder().setAddress(at("10.128." + i + "." + endpoints.size() % 250, 9080))).build());
        }
        endpoints.add(assignment(copy.getName(), all));
        String host = original + ".default.svc.cluster.local";
        names.putTable(host.replace(original, name), edited(
                names.getTableOrThrow(host), NameTable.NameInfo.parser(), original, name, originalAddress, address));
    }

    /** Of ten characters, as the originals are. */
    private static String address(int number) {
        return "10." + (97 + number / 900) + "." + number / 90 % 10 + "." + (10 + number % 90);
    }

    private static ClusterLoadAssignment assignment(String cluster, List<LbEndpoint> all) {
        return ClusterLoadAssignment.newBuilder().setClusterName(cluster)
                .addEndpoints(LocalityLbEndpoints.newBuilder().addAllLbEndpoints(all)).build();
    }

    private static Listener reachable(Listener listener, int outboundPort) {
        boolean taken = listener.getName().equals("0.0.0.0_9080");
        if (!taken && listener.hasBindToPort() && !listener.getBindToPort().getValue()) {
            return listener;
        }
        return listener.toBuilder().clearAdditionalAddresses().clearBindToPort()
                .setAddress(at("127.0.0.1", taken ? outboundPort : 0)).build();
    }

    private static Address at(String address, int port) {
        return Address.newBuilder().setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port)).build();
    }

    private static <M extends MessageLite> M edited(M message, Parser<M> parser, String from, String to, String fromAddress, String toAddress) {
        if (from.length() != to.length() || fromAddress.length() != toAddress.length()) {
            throw new IllegalArgumentException(to + " or " + toAddress + " is not as long as what it replaces");
        }
        // One byte is one character in this charset, so that bytes which are no text survive.
        String bytes = message.toByteString().toString(StandardCharsets.ISO_8859_1).replace(from, to).replace(fromAddress, toAddress);
        try {
            return parser.parseFrom(ByteString.copyFrom(bytes, StandardCharsets.ISO_8859_1));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    private static <M extends MessageLite> List<M> read(String type, Parser<M> parser) {
        try (InputStream in = MeshResources.class.getResourceAsStream("bookinfo/" + type + ".pb")) {
            if (in == null) {
                throw new IllegalStateException("bookinfo/" + type + ".pb is missing from the class path");
            }
            List<M> all = new ArrayList<>();
            for (Any any : DiscoveryResponse.parseFrom(in).getResourcesList()) {
                all.add(parser.parseFrom(any.getValue()));
            }
            return all;
        } catch (IOException e) {
            throw new IllegalStateException("bookinfo/" + type + ".pb cannot be read", e);
        }
    }
}
