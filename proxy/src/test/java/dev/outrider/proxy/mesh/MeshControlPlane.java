package dev.outrider.proxy.mesh;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.outrider.proxy.demo.NameTableStreams;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.DiscoveryServerCallbacks;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** java-control-plane's ADS server and Istio's name table on loopback; remembers what the client acknowledged and refused. */
final class MeshControlPlane implements DiscoveryServerCallbacks, AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final SimpleCache<String> cache = new SimpleCache<>(node -> "all");
    private final Server server;

    /** Names in each response, by its nonce; and by type, the names in responses that were answered. */
    private final Map<String, List<String>> sent = new HashMap<>();
    private final Map<String, Set<String>> answered = new HashMap<>();
    private final Set<String> refusals = new TreeSet<>();

    MeshControlPlane(NameTable names) throws IOException {
        this(names, null);
    }

    /** {@code tls} null = plaintext. */
    MeshControlPlane(NameTable names, @Nullable SslContext tls) throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(tls)
                .addService(new NameTableStreams(new V3DiscoveryServer(this, cache).getAggregatedDiscoveryServiceImpl(), names))
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    void publish(Snapshot snapshot) {
        cache.setSnapshot("all", snapshot);
    }

    /** Blocks until all these were sent and acknowledged or refused; {@code names} by type URL. */
    synchronized void awaitAnswered(Map<String, Set<String>> names) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!names.entrySet().stream().allMatch(e -> answered.getOrDefault(e.getKey(), Set.of()).containsAll(e.getValue()))) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("answered: " + answered + "; wanted: " + names);
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** Lines of all NACKs so far. */
    synchronized Set<String> refusals() {
        return new TreeSet<>(refusals);
    }

    private synchronized void responded(String nonce, List<String> names) {
        sent.put(nonce, names);
    }

    private synchronized void requested(String type, String nonce, String error) {
        answered.computeIfAbsent(type, t -> new HashSet<>()).addAll(sent.getOrDefault(nonce, List.of()));
        if (!error.isEmpty()) {
            refusals.addAll(List.of(error.split("\n")));
        }
        notifyAll();
    }

    @Override
    public void onV3StreamRequest(long stream, DiscoveryRequest request) {
        requested(request.getTypeUrl(), request.getResponseNonce(), request.getErrorDetail().getMessage());
    }

    @Override
    public void onV3StreamDeltaRequest(long stream, DeltaDiscoveryRequest request) {
        requested(request.getTypeUrl(), request.getResponseNonce(), request.getErrorDetail().getMessage());
    }

    @Override
    public void onV3StreamResponse(long stream, DiscoveryRequest request, DiscoveryResponse response) {
        List<String> names = new ArrayList<>();
        response.getResourcesList().forEach(any -> names.add(name(any)));
        responded(response.getNonce(), names);
    }

    @Override
    public void onV3StreamDeltaResponse(long stream, DeltaDiscoveryRequest request, DeltaDiscoveryResponse response) {
        responded(response.getNonce(), response.getResourcesList().stream().map(Resource::getName).toList());
    }

    static String name(Any any) {
        try {
            return switch (any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('.') + 1)) {
                case "Listener" -> any.unpack(Listener.class).getName();
                case "Cluster" -> any.unpack(Cluster.class).getName();
                case "RouteConfiguration" -> any.unpack(RouteConfiguration.class).getName();
                case "Secret" -> any.unpack(Secret.class).getName();
                case "ClusterLoadAssignment" -> any.unpack(ClusterLoadAssignment.class).getClusterName();
                default -> "";
            };
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow().awaitTermination();
    }
}
