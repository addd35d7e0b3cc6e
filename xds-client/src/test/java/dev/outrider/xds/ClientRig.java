package dev.outrider.xds;

import com.google.protobuf.Any;
import com.google.protobuf.Internal;
import com.google.protobuf.MessageLite;
import dev.outrider.xds.ads.GrpcTransport;
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
import io.grpc.BindableService;
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
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

import static org.junit.jupiter.api.Assertions.assertNotNull;

/** One client and one control plane after the other at one port: java-control-plane's server, or any service of a test. */
final class ClientRig implements AutoCloseable {

    private static final String LOCAL = "127.0.0.1";

    /** A snapshot and how it differs from the one before. */
    record Seen(MeshSnapshot snapshot, MeshChange change) {}

    final SimpleCache<String> cache = new SimpleCache<>(node -> "all");
    final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
    OnReject onReject = OnReject.KEEP;
    @Nullable Path store;
    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private Server server;
    private @Nullable XdsClient client;

    ClientRig() throws IOException {
        server = listen(library());
    }

    /** Serves what {@link #cache} has. */
    BindableService library() {
        return new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl();
    }

    /**
     * At a port below those that the kernel gives to connections: while the server is away, its client's own attempts could otherwise take the port, and
     * even connect to themselves.
     */
    private static Server listen(BindableService... services) throws IOException {
        IOException last = null;
        for (int attempt = 0; attempt < 100; attempt++) {
            try {
                return listen(ThreadLocalRandom.current().nextInt(20_000, 32_000), services);
            } catch (IOException e) {
                last = e;
            }
        }
        throw new IOException("no port is free", last);
    }

    private static Server listen(int port, BindableService... services) throws IOException {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(LOCAL, port));
        for (BindableService service : services) {
            builder.addService(service);
        }
        return builder.build().start();
    }

    int port() {
        return server.getPort();
    }

    int stopServer() throws InterruptedException {
        int port = server.getPort();
        server.shutdownNow().awaitTermination();
        return port;
    }

    void serveAgain(int port, BindableService service) throws IOException {
        server = listen(port, service);
    }

    /** From the beginning, in place of the library. */
    void serveOnly(BindableService... services) throws IOException, InterruptedException {
        var unused = stopServer();
        server = listen(services);
    }

    XdsClient connect(String api) {
        return connect(api, server.getPort());
    }

    XdsClient connect(String api, int port) {
        XdsClient made = start("""
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
                %s""".formatted(api, cluster("xds-grpc", port)));
        return made;
    }

    /** A static cluster as an element of a bootstrap's list. */
    static String cluster(String name, int port) {
        return """
                  - name: %s
                    type: STATIC
                    connect_timeout: {seconds: 1, nanos: 0}
                    load_assignment:
                      cluster_name: %s
                      endpoints:
                      - lb_endpoints:
                        - endpoint: {address: {socket_address: {address: %s, port_value: %d}}}
                """.formatted(name, name, LOCAL, port);
    }

    XdsClient start(String text) {
        LoadedBootstrap loaded = BootstrapLoader.load("test", text, false);
        Bootstrap bootstrap = loaded.value();
        assertNotNull(bootstrap, loaded.errors().toString());
        XdsClient made = new XdsClient(
                bootstrap,
                new XdsSettings(
                        control, new GrpcTransport(loops, NioSocketChannel.class, null, null), new StreamLimits(64 << 20, 100_000, 1, 5), false,
                        List.of(), onReject, store),
                (snapshot, change) -> seen.add(new Seen(snapshot, change)));
        client = made;
        var unused = made.start();
        return made;
    }

    /** The client's own end; the rig goes on. */
    void closeClient() {
        XdsClient running = client;
        if (running != null) {
            running.close();
        }
    }

    Seen await(Predicate<Seen> wanted) throws InterruptedException {
        while (true) {
            Seen next = seen.poll(30, TimeUnit.SECONDS);
            assertNotNull(next, () -> "nothing came any more; " + (client == null ? "" : client.status()));
            if (wanted.test(next)) {
                return next;
            }
        }
    }

    @SuppressWarnings("unchecked") // the parser is the type's own
    static <M extends MessageLite> List<M> captured(String scenario, String file, Class<M> type) throws IOException {
        Path path;
        try {
            path = Path.of(Objects.requireNonNull(ClientRig.class.getResource("/mesh/" + scenario)).toURI()).resolve(file);
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
        List<M> all = new ArrayList<>();
        if (Files.exists(path)) {
            for (Any any : DiscoveryResponse.parseFrom(Files.readAllBytes(path)).getResourcesList()) {
                all.add((M) Internal.getDefaultInstance(type).getParserForType().parseFrom(any.getValue()));
            }
        }
        return all;
    }

    static Snapshot scenario(String name, String version) throws IOException {
        return Snapshot.create(
                captured(name, "cds.pb", Cluster.class), captured(name, "eds.pb", ClusterLoadAssignment.class),
                captured(name, "lds.pb", Listener.class), captured(name, "rds.pb", RouteConfiguration.class), List.of(), version);
    }

    @Override
    public void close() throws InterruptedException {
        closeClient();
        server.shutdownNow().awaitTermination();
        control.shutdownNow();
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
    }
}
