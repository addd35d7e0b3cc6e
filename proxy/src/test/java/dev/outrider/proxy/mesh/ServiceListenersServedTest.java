package dev.outrider.proxy.mesh;

import com.sun.net.httpserver.HttpServer;
import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A program without interception calls a service by its name and port: through a whole process, its DNS and a control plane. */
class ServiceListenersServedTest {

    private static final String HOST = "reviews.default.svc.cluster.local";
    private static final String VIP = "10.96.0.11";

    private static final String LISTENERS = """
            static_resources:
              listeners:
              - name: virtualOutbound
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                use_original_dst: true
                traffic_direction: OUTBOUND
                filter_chains:
                - filters:
                  - name: tcp
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                      stat_prefix: lost
                      cluster: lost
              - name: service
                address: {socket_address: {address: VIP, port_value: PORT}}
                bind_to_port: false
                traffic_direction: OUTBOUND
                filter_chains:
                - filters:
                  - name: tcp
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                      stat_prefix: reviews
                      cluster: outbound|PORT||HOST
              clusters:
              - name: lost
                load_assignment: {cluster_name: lost}
              - name: outbound|PORT||HOST
                connect_timeout: 5s
                load_assignment: {cluster_name: x, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: PORT}}}}]}]}
            """;

    private HttpServer backend;
    private MeshControlPlane controlPlane;
    private Sidecar sidecar;

    /** The service's port is the backend's: free on 127.0.0.1 a moment ago, and so on the rest of loopback as good as surely. */
    @BeforeEach
    void start() throws Exception {
        backend = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        backend.createContext("/", exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write(exchange.getRequestURI().getPath().getBytes(StandardCharsets.US_ASCII));
            exchange.close();
        });
        backend.start();
        controlPlane = new MeshControlPlane(NameTable.newBuilder()
                .putTable(HOST, NameTable.NameInfo.newBuilder().addIps(VIP).setRegistry("Kubernetes").setShortname("reviews").setNamespace("default").build())
                .putTable("portless.default.svc.cluster.local", NameTable.NameInfo.newBuilder().addIps("10.96.0.12").setRegistry("Kubernetes").build())
                .build());
        controlPlane.publish(Snapshot.create(List.of(Cluster.newBuilder().setName("other").build()), List.of(), List.of(), List.of(), List.of(), "1"));
        sidecar = start(DnsSettings.defaults().withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    private Sidecar start(@Nullable DnsSettings dns) throws Exception {
        String bootstrap = MeshBootstrap.ads("DELTA_GRPC", controlPlane.port())
                .replace("  lds_config: {ads: {}, resource_api_version: V3}\n", "").replace("static_resources:\n  clusters:\n", LISTENERS)
                .replace("VIP", VIP).replace("HOST", HOST).replace("PORT", String.valueOf(port()));
        Sidecar started = Sidecar.start(SidecarConfig.of(bootstrap).withDns(dns)
                .withLocal(new SidecarConfig.Local(null, null, null, null, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null, List.of()).withServices("127.64.0.0/16")));
        assertTrue(started.awaitReady(Duration.ofSeconds(20)), () -> started.unreadyReasons().toString());
        return started;
    }

    private int port() {
        return backend.getAddress().getPort();
    }

    @AfterEach
    void stop() throws Exception {
        sidecar.close();
        controlPlane.close();
        backend.stop(0);
    }

    private static String get(Socket socket, String path) throws IOException {
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write(("GET " + path + " HTTP/1.1\r\nhost: reviews\r\nconnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    }

    private String explain(String host) throws IOException {
        InetSocketAddress admin = (InetSocketAddress) sidecar.adminAddress();
        assertNotNull(admin);
        try (Socket socket = new Socket(admin.getAddress(), admin.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(("GET /explain?host=" + host + "&port=" + port() + " HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        }
    }

    private long served() {
        return sidecar.stats().counter("tcp.reviews.downstream_cx_total").value();
    }

    @Test
    void theNamesAddressListensAndLeadsToTheServicesListener() throws Exception {
        InetAddress own = sidecar.serviceAddresses().get(HOST);
        assertNotNull(own);
        assertTrue(own.getHostAddress().startsWith("127.64."), own.toString());
        String explained = explain(HOST);
        assertTrue(explained.contains(HOST + " is " + own.getHostAddress() + " (table"), explained);
        assertTrue(explained.contains("as if captured on its way to " + VIP + ":" + port()), explained);
        try (Socket socket = new Socket(own, port())) {
            String response = get(socket, "/by-address");
            assertTrue(response.startsWith("HTTP/1.1 200") && response.contains("/by-address"), response);
        }
        assertEquals(1, served());
    }

    /** Names answer the service's own listener here; that way it would pass the process twice. */
    @Test
    void whoNamesItAtTheExplicitPortPassesOnce() throws Exception {
        try (Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, sidecar.explicitAddress()))) {
            socket.connect(InetSocketAddress.createUnresolved(HOST, port()), 10_000);
            assertTrue(get(socket, "/by-name").contains("/by-name"));
        }
        assertEquals(1, served());
        assertEquals(0, sidecar.stats().counter("explicit_services.downstream_cx_total").value());
    }

    @Test
    void aHostWhosePortsNobodyKnowsKeepsTheMeshsAddress() throws Exception {
        String explained = explain("portless.default.svc.cluster.local");
        assertTrue(explained.contains(" is 10.96.0.12 (table"), explained);
        assertEquals(Set.of(HOST), sidecar.serviceAddresses().keySet());
    }

    @Test
    void withoutDnsTheExplicitPortTakesNamesFromTheMeshsTable() throws Exception {
        sidecar.close();
        sidecar = start(null);
        // Nobody who asks for names waits for the table.
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            while (sidecar.serviceAddresses().isEmpty()) {
                Thread.onSpinWait();
            }
        });
        try (Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, sidecar.explicitAddress()))) {
            socket.connect(InetSocketAddress.createUnresolved("reviews", port()), 10_000);
            assertTrue(get(socket, "/by-table").contains("/by-table"));
        }
    }
}
