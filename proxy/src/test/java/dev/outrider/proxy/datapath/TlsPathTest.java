package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.Discovery;
import dev.outrider.xds.model.Secret;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.outrider.proxy.datapath.DataPathRig.WATCHED;
import static dev.outrider.proxy.datapath.DataPathRig.hear;
import static dev.outrider.proxy.datapath.DataPathRig.say;
import static dev.outrider.proxy.datapath.MeshRig.EXCHANGE;
import static dev.outrider.proxy.datapath.MeshRig.inbound;
import static dev.outrider.proxy.datapath.MeshRig.mutual;
import static dev.outrider.proxy.datapath.TestListeners.chain;
import static dev.outrider.proxy.datapath.TestListeners.listener;
import static dev.outrider.proxy.datapath.TestListeners.tcpProxy;
import static dev.outrider.proxy.datapath.cluster.TestClusters.assignment;
import static dev.outrider.proxy.datapath.cluster.TestClusters.cluster;
import static dev.outrider.proxy.datapath.cluster.TestClusters.endpoint;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Mutual TLS through the whole data path, on loopback: each side alone, and both against each other. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TlsPathTest {

    private static final String CLIENT = "spiffe://cluster.local/ns/default/sa/client";
    private static final String SERVER = "spiffe://cluster.local/ns/default/sa/server";

    private final TestCertificates ca = new TestCertificates();

    private static Cluster plain(String name, InetSocketAddress server) {
        return cluster(name, Discovery.STATIC, assignment(name, endpoint("127.0.0.1", server.getPort())));
    }

    private static void assertEnd(Socket socket) {
        int next;
        try {
            next = socket.getInputStream().read();
        } catch (IOException e) {
            next = -1;
        }
        assertEquals(-1, next);
    }

    /** The serving side: TLS ends here, the backend hears plain bytes. */
    private MeshRig serving(TcpServer server) throws Exception {
        var rig = new MeshRig();
        rig.identity(ca, SERVER);
        rig.apply(List.of(plain("app", server.address())), List.of(inbound("in", "app")));
        return rig;
    }

    /** The calling side: plain bytes come in, TLS goes out. */
    private MeshRig calling(InetSocketAddress to, List<String> alpn, String... peers) throws Exception {
        var rig = new MeshRig();
        rig.identity(ca, CLIENT);
        rig.apply(List.of(mutual("out", to, true, alpn, peers)), List.of(listener("l", chain(WATCHED, tcpProxy("out")))));
        return rig;
    }

    @Test
    void theClientsIdentityIsKnownAndTheBackendHearsPlainBytes() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var in = serving(server)) {
            try (SSLSocket client = in.connectTls("in", ca, ca.leaf(CLIENT), "istio")) {
                say(client, "hello");
                assertEquals("hello", hear(client, 5));
                assertEquals("TLSv1.3", client.getSession().getProtocol());
            }
            StreamInfo info = in.nextClosed();
            assertNotNull(info.connection.tls());
            assertEquals(CLIENT, info.connection.tls().identity());
            assertEquals(SERVER, info.connection.tls().localIdentity());
            assertTrue(info.connection.tls().validated());
            assertEquals(5, info.bytesReceived);
            assertEquals(5, info.bytesSent);
        }
    }

    @Test
    void plaintextAndForeignAlpnFindNoChain() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var in = serving(server)) {
            try (Socket client = in.connect("in")) {
                say(client, "GET / HTTP/1.1\r\n\r\n");
                assertEnd(client);
            }
            try (SSLSocket client = in.connectTls("in", ca, ca.leaf(CLIENT), "http/1.1")) {
                assertEnd(client);
            }
            assertEquals(2, in.counter("listener.127.0.0.1_0.no_filter_chain_match"));
            assertEquals(0, server.accepted.get());
        }
    }

    @Test
    void clientsWithoutATrustedCertificateAreRefused() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var in = serving(server)) {
            // A stranger by trust, who takes the server for what it is.
            var stranger = new TestCertificates();
            try (SSLSocket client = in.connectTls("in", ca, stranger.leaf(CLIENT), "istio")) {
                assertEnd(client);
            }
            assertEquals(0, server.accepted.get());
            assertEquals(1, in.counter("listener.127.0.0.1_0.ssl.fail_verify_error"));
        }
    }

    @Test
    void theServersNameDecidesWhetherItIsTalkedTo() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var in = serving(server)) {
            try (var out = calling(in.rig.address("in"), List.of("istio"), SERVER)) {
                try (Socket client = out.connect("l")) {
                    say(client, "hello");
                    assertEquals("hello", hear(client, 5));
                }
                StreamInfo info = out.nextClosed();
                assertNotNull(info.upstreamTls);
                assertEquals(SERVER, info.upstreamTls.identity());
            }
            try (var out = calling(in.rig.address("in"), List.of("istio"), "spiffe://cluster.local/ns/default/sa/other")) {
                try (Socket client = out.connect("l")) {
                    assertEnd(client);
                }
                StreamInfo info = out.nextClosed();
                assertEquals(ResponseFlag.UF.bit() | ResponseFlag.URX.bit(), info.flags);
                assertTrue(info.upstreamTransportFailure.contains("TLS"), info.upstreamTransportFailure);
                assertEquals(1, out.counter("cluster.out.upstream_cx_connect_fail"));
            }
            assertEquals(1, server.accepted.get());
        }
    }

    @Test
    void anEndpointOutsideTheMeshIsSpokenToInPlaintext() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var out = new MeshRig()) {
            out.identity(ca, CLIENT);
            out.apply(
                    List.of(mutual("out", server.address(), false, List.of(EXCHANGE), SERVER)),
                    List.of(listener("l", chain(WATCHED, tcpProxy("out")))));
            try (Socket client = out.connect("l")) {
                say(client, "hello");
                assertEquals("hello", hear(client, 5));
            }
            assertNull(out.nextClosed().upstreamTls);
        }
    }

    @Test
    void aPairExchangesMetadataAndCarriesMuchBothWays() throws Exception {
        byte[] up = new byte[16 << 20];
        byte[] down = new byte[16 << 20];
        new Random(1).nextBytes(up);
        new Random(2).nextBytes(down);
        var heard = new CompletableFuture<byte[]>();
        try (var server = new TcpServer(s -> {
            Thread.ofVirtual().start(() -> {
                try {
                    s.getOutputStream().write(down);
                } catch (IOException e) {
                    heard.completeExceptionally(e);
                }
            });
            heard.complete(s.getInputStream().readNBytes(up.length));
            s.getInputStream().read();
        });
                var in = serving(server); var out = calling(in.rig.address("in"), List.of(EXCHANGE, "istio"), SERVER)) {
            try (Socket client = out.connect("l")) {
                Thread.ofVirtual().start(() -> {
                    try {
                        client.getOutputStream().write(up);
                    } catch (IOException e) {
                        heard.completeExceptionally(e);
                    }
                });
                assertArrayEquals(down, client.getInputStream().readNBytes(down.length));
                assertArrayEquals(up, heard.get(30, TimeUnit.SECONDS));
            }
            for (StreamInfo info : List.of(in.nextClosed(), out.nextClosed())) {
                assertEquals(up.length, info.bytesReceived);
                assertEquals(down.length, info.bytesSent);
            }
            for (MeshRig rig : List.of(in, out)) {
                assertEquals(1, rig.counter("metadata_exchange.alpn_protocol_found"));
                assertEquals(1, rig.counter("metadata_exchange.metadata_added"));
                assertEquals(0, rig.counter("metadata_exchange.initial_header_not_found"));
            }
        }
    }

    @Test
    void aServersGreetingComesThroughThePair() throws Exception {
        for (List<String> alpn : List.of(List.of(EXCHANGE, "istio"), List.of("istio"))) {
            try (var server = new TcpServer(s -> {
                say(s, "220 ready\r\n");
                s.getInputStream().read();
            });
                    var in = serving(server); var out = calling(in.rig.address("in"), alpn, SERVER)) {
                try (Socket client = out.connect("l")) {
                    assertEquals("220 ready\r\n", hear(client, 11));
                }
                StreamInfo info = out.nextClosed();
                assertEquals(alpn.size() == 2, info.upstreamPeer != null);
                StreamInfo other = in.nextClosed();
                assertEquals("outbound_.9000_._.out.default.svc.cluster.local", other.connection.sni());
                assertEquals(alpn, other.connection.offeredAlpn());
                assertEquals(CLIENT, other.connection.tls().identity());
            }
        }
    }

    @Test
    void anEndInOneDirectionGoesThroughThePair() throws Exception {
        try (var server = new TcpServer(s -> say(s, "got " + s.getInputStream().readAllBytes().length));
                var in = serving(server); var out = calling(in.rig.address("in"), List.of(EXCHANGE, "istio"), SERVER)) {
            try (Socket client = out.connect("l")) {
                client.getOutputStream().write(new byte[3 << 20]);
                client.shutdownOutput();
                assertEquals("got 3145728", hear(client, 100));
            }
        }
    }

    @Test
    void theServersEndLeavesThePairOpenForTheClient() throws Exception {
        var heard = new CompletableFuture<Integer>();
        try (var server = new TcpServer(s -> {
            s.getOutputStream().write(new byte[1 << 20]);
            s.shutdownOutput();
            heard.complete(s.getInputStream().readAllBytes().length);
        });
                var in = serving(server); var out = calling(in.rig.address("in"), List.of(EXCHANGE, "istio"), SERVER)) {
            try (Socket client = out.connect("l")) {
                assertEquals(1 << 20, client.getInputStream().readAllBytes().length);
                client.getOutputStream().write(new byte[2 << 20]);
                client.shutdownOutput();
                assertEquals(2 << 20, heard.get(20, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void everythingBeforeACloseNotifyIsDelivered() throws Exception {
        var heard = new CompletableFuture<Integer>();
        try (var server = new TcpServer(s -> heard.complete(s.getInputStream().readAllBytes().length)); var in = serving(server)) {
            try (SSLSocket client = in.connectTls("in", ca, ca.leaf(CLIENT), "istio")) {
                OutputStream to = client.getOutputStream();
                to.write(new byte[2 << 20]);
                client.shutdownOutput();
                assertEquals(2 << 20, heard.get(20, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void anAnswerComesEvenAfterACloseNotify() throws Exception {
        try (var server = new TcpServer(s -> {
            int size = s.getInputStream().readAllBytes().length;
            say(s, "got " + size + " ");
            s.getOutputStream().write(new byte[2 << 20]);
        });
                var in = serving(server)) {
            try (SSLSocket client = in.connectTls("in", ca, ca.leaf(CLIENT), "istio")) {
                client.getOutputStream().write(new byte[100_000]);
                client.shutdownOutput();
                assertEquals("got 100000 ", hear(client, 11));
                assertEquals(2 << 20, client.getInputStream().readAllBytes().length);
            }
        }
    }

    @Test
    void aCloseNotifyMayComeBeforeTheBackendIsReached() throws Exception {
        try (var server = new TcpServer(s -> say(s, "got " + s.getInputStream().readAllBytes().length)); var in = serving(server)) {
            var certificate = ca.leaf(CLIENT);
            for (int i = 0; i < 50; i++) {
                try (SSLSocket client = in.connectTls("in", ca, certificate, i % 2 == 0 ? "istio" : "istio-h2")) {
                    if (i % 5 != 0) {
                        say(client, "hello");
                    } else {
                        client.startHandshake();
                    }
                    client.shutdownOutput();
                    assertEquals(i % 5 != 0 ? "got 5" : "got 0", hear(client, 100));
                }
                assertEquals(0, in.nextClosed().flags);
            }
        }
    }

    @Test
    void aNewCertificateServesNewConnectionsAndLeavesOldOnesAlone() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var in = serving(server);
                SSLSocket old = in.connectTls("in", ca, ca.leaf(CLIENT), "istio")) {
            say(old, "a");
            assertEquals("a", hear(old, 1));
            String serial = old.getSession().getPeerCertificates()[0].toString();
            for (int i = 0; i < 20; i++) {
                in.identity(ca, SERVER);
                try (SSLSocket fresh = in.connectTls("in", ca, ca.leaf(CLIENT), "istio")) {
                    say(fresh, "b");
                    assertEquals("b", hear(fresh, 1));
                    assertTrue(!serial.equals(fresh.getSession().getPeerCertificates()[0].toString()));
                }
            }
            say(old, "c");
            assertEquals("c", hear(old, 1));
        }
    }

    @Test
    void whileASecretIsMissingNothingIsServedOrSent() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var rig = new MeshRig()) {
            rig.apply(
                    List.of(plain("app", server.address()), mutual("out", server.address(), true, List.of("istio"), SERVER)),
                    List.of(inbound("in", "app"), listener("l", chain(WATCHED, tcpProxy("out")))));
            try (SSLSocket client = rig.connectTls("in", ca, ca.leaf(CLIENT), "istio")) {
                assertEnd(client);
            }
            try (Socket client = rig.connect("l")) {
                say(client, "secret");
                assertEnd(client);
            }
            StreamInfo info = rig.nextClosed();
            assertTrue(info.upstreamTransportFailure.contains("Secret is not supplied by SDS"), info.upstreamTransportFailure);
            rig.secrets(Map.<String, Secret>of("default", ca.leaf(SERVER), "ROOTCA", ca.trust()));
            try (SSLSocket client = rig.connectTls("in", ca, ca.leaf(CLIENT), "istio")) {
                say(client, "now");
                assertEquals("now", hear(client, 3));
            }
        }
    }
}
