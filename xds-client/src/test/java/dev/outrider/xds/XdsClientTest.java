package dev.outrider.xds;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.ads.StreamLimits;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.bootstrap.BootstrapLoader;
import dev.outrider.xds.bootstrap.LoadedBootstrap;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The client against java-control-plane's server, with what istiod really sent. */
class XdsClientTest {

    private static final String LOCAL = "127.0.0.1";

    private record Seen(MeshSnapshot snapshot, MeshChange change) {}

    private final SimpleCache<String> cache = new SimpleCache<>(node -> "all");
    private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
    private Server server;
    private XdsClient client;

    @BeforeEach
    void serve() throws IOException {
        server = listen(0);
    }

    private Server listen(int port) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(LOCAL, port))
                .addService(new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl())
                .build().start();
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (client != null) {
            client.close();
        }
        server.shutdownNow().awaitTermination();
        control.shutdownNow();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }

    private void connect(String api) {
        String text = """
                node: {id: "sidecar~10.0.0.1~vm.default~default.svc.cluster.local", cluster: vm.default}
                dynamic_resources:
                  lds_config: {ads: {}, resource_api_version: V3}
                  cds_config: {ads: {}, resource_api_version: V3}
                  ads_config:
                    api_type: %s
                    transport_api_version: V3
                    set_node_on_first_message_only: true
                    grpc_services: [{envoy_grpc: {cluster_name: xds-grpc}}]
                static_resources:
                  clusters:
                  - name: xds-grpc
                    type: STATIC
                    connect_timeout: {seconds: 1, nanos: 0}
                    load_assignment:
                      cluster_name: xds-grpc
                      endpoints:
                      - lb_endpoints:
                        - endpoint: {address: {socket_address: {address: %s, port_value: %d}}}
                """.formatted(api, LOCAL, server.getPort());
        LoadedBootstrap loaded = BootstrapLoader.load("test", text, false);
        Bootstrap bootstrap = loaded.value();
        assertNotNull(bootstrap, loaded.errors().toString());
        client = new XdsClient(
                bootstrap,
                new XdsSettings(
                        control, new GrpcTransport(loops, NioSocketChannel.class, null, null), new StreamLimits(64 << 20, 100_000, 1, 5), false,
                        List.of()),
                (snapshot, change) -> seen.add(new Seen(snapshot, change)));
        client.start();
    }

    private static <M extends Message> List<M> captured(String scenario, String file, Class<M> type)
            throws InvalidProtocolBufferException, IOException {
        Path path;
        try {
            path = Path.of(Objects.requireNonNull(XdsClientTest.class.getResource("/mesh/" + scenario)).toURI()).resolve(file);
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        List<M> all = new ArrayList<>();
        if (Files.exists(path)) {
            for (Any any : DiscoveryResponse.parseFrom(Files.readAllBytes(path)).getResourcesList()) {
                all.add(any.unpack(type));
            }
        }
        return all;
    }

    private static Snapshot scenario(String name, String version) throws IOException {
        return Snapshot.create(
                captured(name, "cds.pb", Cluster.class), captured(name, "eds.pb", ClusterLoadAssignment.class),
                captured(name, "lds.pb", Listener.class), captured(name, "rds.pb", RouteConfiguration.class), List.of(), version);
    }

    private Seen await(Predicate<Seen> wanted) throws InterruptedException {
        while (true) {
            Seen next = seen.poll(30, TimeUnit.SECONDS);
            assertNotNull(next, () -> "nothing came any more; " + client.status());
            if (wanted.test(next)) {
                return next;
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void bookinfoBecomesTheSnapshot(String api) throws Exception {
        Snapshot sent = scenario("bookinfo", "1");
        cache.setSnapshot("all", sent);
        connect(api);
        Seen whole = await(s -> s.snapshot().routes().size() == sent.routes().resources().size()
                && s.snapshot().endpoints().size() == sent.endpoints().resources().size()
                && s.snapshot().clusters().size() == sent.clusters().resources().size() + 1);
        assertEquals(0, whole.snapshot().secrets().size());
        assertEquals(List.of(), client.status().lastRejections());
        ConfigArchive archive = client.archive();
        ConfigArchive.TypeState clusters = archive.types().get(ResourceType.CLUSTER);
        assertNotNull(clusters);
        assertEquals(sent.clusters().resources().size() + 1, clusters.entries().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void oneChangedAssignmentChangesNothingElse(String api) throws Exception {
        cache.setSnapshot("all", scenario("bookinfo", "1"));
        connect(api);
        Seen before = await(s -> s.snapshot().endpoints().size() == 16 || s.snapshot().routes().size() == 6);
        List<ClusterLoadAssignment> endpoints = captured("bookinfo", "eds.pb", ClusterLoadAssignment.class);
        String name = endpoints.getFirst().getClusterName();
        endpoints.set(0, endpoints.getFirst().toBuilder().clearEndpoints().build());
        cache.setSnapshot("all", Snapshot.create(
                captured("bookinfo", "cds.pb", Cluster.class), "1", endpoints, "2", captured("bookinfo", "lds.pb", Listener.class), "1",
                captured("bookinfo", "rds.pb", RouteConfiguration.class), "1", List.of(), "1"));
        Seen after = await(s -> s.change().endpoints().changed().equals(Set.of(name)));
        assertTrue(after.change().clusters().isEmpty());
        assertSame(before.snapshot().clusters().get("PassthroughCluster"), after.snapshot().clusters().get("PassthroughCluster"));
    }

    @Test
    void oneRefusedClusterLeavesItsSiblings() throws Exception {
        List<Cluster> clusters = captured("bookinfo", "cds.pb", Cluster.class);
        clusters.add(Cluster.newBuilder().setName("bad").setType(Cluster.DiscoveryType.LOGICAL_DNS).build());
        cache.setSnapshot("all", Snapshot.create(clusters, List.of(), List.of(), List.of(), List.of(), "1"));
        connect("DELTA_GRPC");
        await(s -> s.snapshot().clusters().containsKey("PassthroughCluster"));
        assertTrue(client.status().lastRejections().getFirst().startsWith("[CLUSTER, bad] "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void aLostControlPlaneLeavesTheConfigurationAndIsFoundAgain(String api) throws Exception {
        cache.setSnapshot("all", scenario("bookinfo", "1"));
        connect(api);
        await(s -> s.snapshot().clusters().containsKey("PassthroughCluster"));
        int port = server.getPort();
        server.shutdownNow().awaitTermination();
        assertTrue(client.snapshot().clusters().containsKey("PassthroughCluster"));
        List<Cluster> fewer = captured("bookinfo", "cds.pb", Cluster.class).stream()
                .filter(cluster -> !cluster.getName().equals("PassthroughCluster")).toList();
        cache.setSnapshot("all", Snapshot.create(fewer, List.of(), List.of(), List.of(), List.of(), "2"));
        server = listen(port);
        await(s -> !s.snapshot().clusters().containsKey("PassthroughCluster"));
    }
}
