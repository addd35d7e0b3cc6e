package dev.outrider.proxy.app.sidecar;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.model.Secret;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;

import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A sidecar with both directions of a mesh on loopback: {@code out} and {@code tcp-out} lead by mutual TLS to {@code in} and {@code tcp-in} of the same
 * process, and those to the applications. Each edition of the configuration has clusters of its own name, and can be told by {@code x-out}.
 */
final class TestMesh implements AutoCloseable {

    static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String IDENTITY = "spiffe://cluster.local/ns/default/sa/vm";
    private static final JsonFormat.Parser JSON = JsonFormat.parser().usingTypeRegistry(JsonFormat.TypeRegistry.newBuilder()
            .add(HttpConnectionManager.getDescriptor())
            .add(TcpProxy.getDescriptor())
            .add(Router.getDescriptor())
            .add(DownstreamTlsContext.getDescriptor())
            .add(UpstreamTlsContext.getDescriptor())
            .build());

    final Backend backend = new Backend();
    private final TestCertificates authority = new TestCertificates();
    private final Secret.Certificate identity = authority.leaf(IDENTITY);
    final ControlPlane controlPlane;
    final Sidecar sidecar;
    private int inPort;
    private int tcpInPort;

    TestMesh() throws Exception {
        controlPlane = new ControlPlane(edition(0));
        sidecar = Sidecar.start(SidecarConfig.of(read("bootstrap.json", Map.of(
                "ads", controlPlane.port(),
                "chain", line(identity.chainPem().toUtf8()),
                "key", line(identity.keyPem().toUtf8()),
                "root", line(authority.rootPem())))));
        assertTrue(sidecar.awaitReady(LIMIT), () -> sidecar.unreadyReasons().toString());
        publish(1);
        awaitServing();
    }

    private static String line(String pem) {
        return pem.replace("\n", "\\n");
    }

    /** An edition made before its listeners were bound has no endpoints: until a whole one is there, 503 is right. */
    void awaitServing() throws IOException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        try (var http = new RawHttp(address("out"))) {
            RawHttp.Answer answer = http.get("/first");
            while (answer.status() != 200) {
                assertTrue(System.nanoTime() - deadline < 0, answer.toString());
                answer = http.get("/first");
            }
        }
    }

    private int port(String listener) {
        List<InetSocketAddress> bound = sidecar.listenerAddresses().getOrDefault(listener, List.of());
        return bound.isEmpty() ? 0 : bound.getFirst().getPort();
    }

    /** What a workload of the mesh presents and trusts, in the JDK's own TLS. */
    SSLContext clientTls() {
        return authority.jdkContext(identity);
    }

    /** A listener is known before the kernel has given it its port; until then it is shown without an address. */
    boolean bound() {
        Map<String, List<InetSocketAddress>> addresses = sidecar.listenerAddresses();
        return Stream.of("out", "in", "tcp-out", "tcp-in").noneMatch(name -> addresses.getOrDefault(name, List.of()).isEmpty());
    }

    InetSocketAddress address(String listener) {
        return sidecar.listenerAddresses().get(listener).getFirst();
    }

    /** Ports are chosen by the kernel, so listeners that are bound anew are found at their new ones. */
    void publish(int number) {
        inPort = port("in");
        tcpInPort = port("tcp-in");
        controlPlane.publish(edition(number));
    }

    /** Nothing but what the bootstrap holds. */
    void publishNothing() {
        controlPlane.publish(Snapshot.create(List.of(), List.of(), List.of(), List.of(), List.of(), "nothing"));
    }

    /**
     * Edition {@code n} routes to clusters of its own and still has those of the one before; {@code out} changes at every fourth, {@code in} at every
     * ninth, the TCP listeners never.
     */
    private Snapshot edition(int n) {
        List<Cluster> clusters = new ArrayList<>();
        List<ClusterLoadAssignment> endpoints = new ArrayList<>();
        for (int k = Math.max(0, n - 1); k <= n; k++) {
            clusters.add(cluster("peer-cluster.json", "peer-" + k, 0));
            clusters.add(cluster("app-cluster.json", "app-" + k, backend.httpPort()));
            if (inPort != 0) {
                endpoints.add(endpoints("peer-" + k, inPort, 1 + n % 5));
            }
        }
        clusters.add(cluster("peer-cluster.json", "tcp-peer", 0));
        clusters.add(cluster("app-cluster.json", "tcp-app", backend.tcpPort()));
        if (tcpInPort != 0) {
            endpoints.add(endpoints("tcp-peer", tcpInPort, 1));
        }
        String tls = read("downstream-tls.json", Map.of());
        List<Listener> listeners = List.of(
                listener("http-listener.json", Map.of("name", "out", "direction", "OUTBOUND", "edition", n / 4, "tls", "")),
                listener("http-listener.json", Map.of("name", "in", "direction", "INBOUND", "edition", n / 9, "tls", tls)),
                listener("tcp-listener.json", Map.of("name", "tcp-out", "direction", "OUTBOUND", "cluster", "tcp-peer", "tls", "")),
                listener("tcp-listener.json", Map.of("name", "tcp-in", "direction", "INBOUND", "cluster", "tcp-app", "tls", tls)));
        List<RouteConfiguration> routes = List.of(routes("out", "peer-" + n, n), routes("in", "app-" + n, n));
        return Snapshot.create(clusters, endpoints, listeners, routes, List.of(), Integer.toString(n));
    }

    private static Cluster cluster(String file, String name, int port) {
        return parse(file, Map.of("name", name, "port", port), Cluster.newBuilder()).build();
    }

    private static ClusterLoadAssignment endpoints(String name, int port, int weight) {
        return parse("endpoints.json", Map.of("name", name, "port", port, "weight", weight), ClusterLoadAssignment.newBuilder()).build();
    }

    private static Listener listener(String file, Map<String, ?> values) {
        return parse(file, values, Listener.newBuilder()).build();
    }

    private static RouteConfiguration routes(String name, String cluster, int edition) {
        return parse("routes.json", Map.of("name", name, "cluster", cluster, "edition", edition), RouteConfiguration.newBuilder()).build();
    }

    private static <B extends Message.Builder> B parse(String file, Map<String, ?> values, B builder) {
        try {
            JSON.merge(read(file, values), builder);
            return builder;
        } catch (IOException e) {
            throw new IllegalStateException(file, e);
        }
    }

    private static String read(String file, Map<String, ?> values) {
        try (InputStream in = TestMesh.class.getResourceAsStream(file)) {
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (Map.Entry<String, ?> value : values.entrySet()) {
                text = text.replace("${" + value.getKey() + "}", value.getValue().toString());
            }
            return text;
        } catch (IOException e) {
            throw new IllegalStateException(file, e);
        }
    }

    @Override
    public void close() throws IOException {
        sidecar.close();
        controlPlane.close();
        backend.close();
    }
}
