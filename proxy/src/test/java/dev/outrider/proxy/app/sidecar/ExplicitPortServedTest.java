package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.table.StaticRecord;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients that name their target, through a whole process: the same listeners and names as for captured ones. */
class ExplicitPortServedTest {

    private static final String CAPTURES = """
              - name: virtualOutbound
                address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                use_original_dst: true
                traffic_direction: OUTBOUND
                filter_chains:
                - filters:
                  - name: tcp
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                      stat_prefix: passthrough
                      cluster: PassthroughCluster
            """;

    private static final String BOOTSTRAP = """
            node: {id: sidecar~10.0.0.5~vm.default~default.svc.cluster.local, cluster: vm}
            admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
            static_resources:
              listeners:
            CAPTURES
              - name: 10.96.0.11_9080
                address: {socket_address: {address: 10.96.0.11, port_value: 9080}}
                bind_to_port: false
                traffic_direction: OUTBOUND
                filter_chains:
                - filters:
                  - name: http
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: reviews
                      route_config:
                        virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, route: {cluster: reviews}}]}]
                      http_filters:
                      - name: router
                        typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
              clusters:
              - name: PassthroughCluster
                type: ORIGINAL_DST
                lb_policy: CLUSTER_PROVIDED
                connect_timeout: 5s
              - name: reviews
                connect_timeout: 5s
                load_assignment: {cluster_name: reviews, endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: HTTP}}}}]}]}
            """;

    private Backend backend;
    private Sidecar sidecar;

    @BeforeEach
    void start() throws Exception {
        backend = new Backend();
        sidecar = start(CAPTURES);
    }

    private Sidecar start(String captures) throws Exception {
        String bootstrap = BOOTSTRAP.replace("CAPTURES\n", captures).replace("HTTP}", backend.httpPort() + "}");
        return Sidecar.start(SidecarConfig.of(bootstrap)
                .withDns(DnsSettings.defaults().withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .withRecords(List.of(new StaticRecord("reviews.default.svc.cluster.local", "A", "10.96.0.11"))))
                .withLocal(new SidecarConfig.Local(null, null, null, null, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), null, List.of())));
    }

    @AfterEach
    void stop() throws Exception {
        sidecar.close();
        backend.close();
    }

    private static InetSocketAddress port(Sidecar of) {
        InetSocketAddress address = (InetSocketAddress) of.explicitAddress();
        assertNotNull(address);
        return address;
    }

    /** By the JDK's own client. */
    private Socket socks(InetSocketAddress target) throws IOException {
        Socket socket = new Socket(new Proxy(Proxy.Type.SOCKS, port(sidecar)));
        socket.setSoTimeout(10_000);
        socket.connect(target, 10_000);
        return socket;
    }

    private static String said(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
        byte[] answer = new byte[1024];
        int length = socket.getInputStream().read(answer);
        return length < 0 ? "" : new String(answer, 0, length, StandardCharsets.US_ASCII);
    }

    private static String connect(Sidecar to, String line) throws IOException {
        try (Socket socket = new Socket(port(to).getAddress(), port(to).getPort())) {
            socket.setSoTimeout(10_000);
            return said(socket, line + "\r\n\r\n");
        }
    }

    @Test
    void aNameOfTheMeshTakesTheMeshsListener() throws Exception {
        try (Socket socket = socks(InetSocketAddress.createUnresolved("reviews.default.svc.cluster.local", 9080))) {
            String answer = said(socket, "GET /by-socks HTTP/1.1\r\nhost: reviews:9080\r\n\r\n");
            assertTrue(answer.startsWith("HTTP/1.1 200") && answer.contains("server: envoy") && answer.endsWith("/by-socks"), answer);
        }
        assertEquals(1, sidecar.stats().counter("http.reviews.downstream_rq_total").value());
    }

    @Test
    void connectTakesItTooAndMayBeFollowedAtOnce() throws Exception {
        try (Socket socket = new Socket(port(sidecar).getAddress(), port(sidecar).getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(("CONNECT 10.96.0.11:9080 HTTP/1.1\r\nhost: x\r\n\r\n"
                    + "GET /pipelined HTTP/1.1\r\nhost: reviews:9080\r\nconnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertTrue(all.startsWith("HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK") && all.endsWith("/pipelined"), all);
        }
    }

    @Test
    void whatTheMeshDoesNotKnowIsPassedThrough() throws Exception {
        try (Socket socket = socks(new InetSocketAddress("127.0.0.1", backend.tcpPort()))) {
            assertEquals("echo", said(socket, "echo"));
        }
        assertEquals(1, sidecar.stats().counter("explicit_port.downstream_cx_total").value());
    }

    @Test
    void refusalsAreToldInTheClientsOwnProtocol() throws Exception {
        assertTrue(connect(sidecar, "CONNECT no-such-name.invalid:80 HTTP/1.1").startsWith("HTTP/1.1 502 "));
        assertTrue(connect(sidecar, "GET http://reviews:9080/ HTTP/1.1").startsWith("HTTP/1.1 405 "));
        assertEquals("", connect(sidecar, "\u0016\u0003\u0001").replaceFirst("(?s)HTTP/1.1 400 .*", ""));
        assertThrows(SocketException.class, () -> socks(InetSocketAddress.createUnresolved("no-such-name.invalid", 80)).close());
        assertEquals(4, sidecar.stats().counter("explicit_port.downstream_cx_refused").value());
    }

    /** Whoever comes through here comes as the sidecar, which the admin page and its own listeners would believe. */
    @Test
    void theSidecarsOwnPortsAreNoTargetsByAnyAddressOfTheMachine() throws Exception {
        InetSocketAddress admin = (InetSocketAddress) sidecar.adminAddress();
        assertNotNull(admin);
        for (int own : List.of(admin.getPort(), port(sidecar).getPort(), sidecar.listenerAddresses().get("virtualOutbound").getFirst().getPort())) {
            for (String host : List.of("127.0.0.1", "127.9.9.9", "0.0.0.0", "[::1]", "[::]", "localhost")) {
                assertTrue(connect(sidecar, "CONNECT " + host + ":" + own + " HTTP/1.1").startsWith("HTTP/1.1 403 "), host + ":" + own);
            }
        }
    }

    @Test
    void drainingTheInboundListenersLeavesItAloneAndDrainingAllClosesIt() throws Exception {
        drainListeners("?inboundonly");
        assertTrue(connect(sidecar, "CONNECT 10.96.0.11:9080 HTTP/1.1").startsWith("HTTP/1.1 200 "));
        InetSocketAddress explicit = port(sidecar);
        drainListeners("");
        assertTimeoutPreemptively(Duration.ofSeconds(10), () -> {
            while (accepts(explicit)) {
                Thread.onSpinWait();
            }
        });
    }

    private static boolean accepts(InetSocketAddress address) throws IOException {
        try (Socket unused = new Socket(address.getAddress(), address.getPort())) {
            return true;
        } catch (ConnectException e) {
            return false;
        }
    }

    private void drainListeners(String query) throws Exception {
        InetSocketAddress admin = (InetSocketAddress) sidecar.adminAddress();
        assertNotNull(admin);
        try (Socket socket = new Socket(admin.getAddress(), admin.getPort())) {
            assertTrue(said(socket, "POST /drain_listeners" + query + " HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").startsWith("HTTP/1.1 200"));
        }
        // What the page asked for has run when this has.
        sidecar.control().submit(() -> { }).get();
    }

    @Test
    void aGreetingIsAnsweredBeforeTheRequestBehindItIsRefused() throws Exception {
        try (Socket socket = new Socket(port(sidecar).getAddress(), port(sidecar).getPort())) {
            socket.setSoTimeout(10_000);
            // BIND, in one write with the greeting.
            socket.getOutputStream().write(new byte[] {5, 1, 0, 5, 2, 0, 1, 10, 96, 0, 11, 0x23, 0x78});
            byte[] answer = socket.getInputStream().readAllBytes();
            assertArrayEquals(new byte[] {5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0}, answer);
        }
    }

    @Test
    void aClientCountsFromItsFirstByteOn() throws Exception {
        try (Socket socket = new Socket(port(sidecar).getAddress(), port(sidecar).getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(new byte[] {5, 1, 0});
            assertEquals(5, socket.getInputStream().read());
            assertEquals(1, sidecar.openConnections());
        }
    }

    @Test
    void beforeAnOutboundListenerIsThereTheClientIsToldSo() throws Exception {
        try (Sidecar without = start("")) {
            assertTrue(connect(without, "CONNECT 10.96.0.11:9080 HTTP/1.1").startsWith("HTTP/1.1 503 "));
        }
    }

    @Test
    void onlyThisMachineMayUseIt() {
        SidecarConfig everywhere = SidecarConfig.of("node: {id: a, cluster: b}").withLocal(
                new SidecarConfig.Local(null, null, null, null, new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), 0), null, List.of()));
        StartupException refused = assertThrows(StartupException.class, () -> Sidecar.start(everywhere).close());
        assertTrue(String.valueOf(refused.getMessage()).contains("must be a loopback address"), refused.getMessage());
    }
}
