package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.Discovery;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Listener.FilterChainMatch;
import dev.outrider.xds.model.Listener.ListenerFilter;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.TransportSocket;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static dev.outrider.proxy.datapath.DataPathRig.WATCHED;
import static dev.outrider.proxy.datapath.DataPathRig.hear;
import static dev.outrider.proxy.datapath.DataPathRig.say;
import static dev.outrider.proxy.datapath.TestListeners.chain;
import static dev.outrider.proxy.datapath.TestListeners.listener;
import static dev.outrider.proxy.datapath.TestListeners.tcpProxy;
import static dev.outrider.proxy.datapath.cluster.TestClusters.assignment;
import static dev.outrider.proxy.datapath.cluster.TestClusters.cluster;
import static dev.outrider.proxy.datapath.cluster.TestClusters.endpoint;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** TCP through the whole data path, on loopback. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TcpPathTest {

    private static Cluster to(String name, InetSocketAddress server) {
        return cluster(name, Discovery.STATIC, assignment(name, endpoint("127.0.0.1", server.getPort())));
    }

    private static MeshUpdate one(InetSocketAddress server) {
        return MeshUpdate.of(List.of(to("c", server)), List.of(listener("l", chain(WATCHED, tcpProxy("c")))));
    }

    private static void assertEnd(Socket socket) throws IOException {
        int next;
        try {
            next = socket.getInputStream().read();
        } catch (SocketException e) {
            next = -1;
        }
        assertEquals(-1, next);
    }

    @Test
    void bytesGoBothWaysAndAreCounted() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var rig = new DataPathRig()) {
            rig.apply(one(server.address()));
            try (Socket client = rig.connect("l")) {
                say(client, "hello");
                assertEquals("hello", hear(client, 5));
                client.shutdownOutput();
                assertEnd(client);
            }
            StreamInfo info = rig.nextClosed();
            assertEquals(5, info.bytesReceived);
            assertEquals(5, info.bytesSent);
            assertEquals(0, info.flags);
            assertEquals(server.address(), info.upstreamHost);
            assertEquals("c", info.upstreamCluster);
            assertEquals(1, rig.stats.counters().get("tcp.c.downstream_cx_total").value());
        }
    }

    @Test
    void aServerMaySpeakFirst() throws Exception {
        try (var server = new TcpServer(s -> say(s, "greetings")); var rig = new DataPathRig()) {
            rig.apply(one(server.address()));
            try (Socket client = rig.connect("l")) {
                assertEquals("greetings", hear(client, 9));
            }
        }
    }

    @Test
    void anEndInOneDirectionLeavesTheOtherOpen() throws Exception {
        try (var server = new TcpServer(s -> {
            byte[] all = s.getInputStream().readAllBytes();
            say(s, "got " + all.length);
        });
                var rig = new DataPathRig()) {
            rig.apply(one(server.address()));
            try (Socket client = rig.connect("l")) {
                say(client, "x".repeat(100_000));
                client.shutdownOutput();
                assertEquals("got 100000", hear(client, 100));
            }
            assertEquals(100_000, rig.nextClosed().bytesReceived);
        }
    }

    @Test
    void theServersEndLeavesTheClientFreeToSpeak() throws Exception {
        var heard = new CountDownLatch(1);
        try (var server = new TcpServer(s -> {
            say(s, "bye");
            s.shutdownOutput();
            if (hear(s, 4).equals("last")) {
                heard.countDown();
            }
        });
                var rig = new DataPathRig()) {
            rig.apply(one(server.address()));
            try (Socket client = rig.connect("l")) {
                assertEquals("bye", hear(client, 100));
                say(client, "last");
                assertTrue(heard.await(10, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void muchDataArrivesWholeThroughSlowReaders() throws Exception {
        byte[] data = new byte[24 << 20];
        new Random(1).nextBytes(data);
        try (var server = new TcpServer(s -> {
            s.getInputStream().readNBytes(1);
            s.getOutputStream().write(data);
        });
                var rig = new DataPathRig()) {
            rig.apply(one(server.address()));
            try (Socket client = rig.connect("l")) {
                say(client, "?");
                byte[] got = new byte[data.length];
                int at = 0;
                while (at < got.length) {
                    int size = client.getInputStream().read(got, at, Math.min(10_000, got.length - at));
                    assertTrue(size > 0);
                    at += size;
                }
                assertArrayEquals(data, got);
                assertEnd(client);
            }
            assertEquals(data.length, rig.nextClosed().bytesSent);
        }
    }

    /** The whole answer comes after the asking side's FIN, more than the sockets of the path can hold. */
    @ParameterizedTest
    @CsvSource({"false, 1000000", "false, 3000", "true, 1000000", "true, 3000"})
    void muchDataFollowsAnEnd(boolean serverEndsFirst, int readSize) throws Exception {
        byte[] data = new byte[16 << 20];
        new Random(2).nextBytes(data);
        var heard = new CompletableFuture<byte[]>();
        TcpServer.Script answer = s -> {
            s.getInputStream().readAllBytes();
            s.getOutputStream().write(data);
        };
        TcpServer.Script ask = s -> {
            say(s, "?");
            s.shutdownOutput();
            heard.complete(readAll(s, data.length, readSize));
        };
        try (var server = new TcpServer(serverEndsFirst ? ask : answer); var rig = new DataPathRig()) {
            rig.apply(one(server.address()));
            try (Socket client = rig.connect("l")) {
                (serverEndsFirst ? answer : ask).run(client);
            }
            byte[] got = heard.get(20, TimeUnit.SECONDS);
            assertEquals(data.length, got.length);
            assertArrayEquals(data, got);
            StreamInfo info = rig.nextClosed();
            assertEquals(data.length, serverEndsFirst ? info.bytesReceived : info.bytesSent);
            assertEquals(0, info.flags);
        }
    }

    /** What comes before the end or the loss of the connection, up to one byte more than expected. */
    private static byte[] readAll(Socket from, int expected, int readSize) {
        byte[] got = new byte[expected + 1];
        int at = 0;
        try {
            for (int size = 0; size >= 0 && at < got.length; at += Math.max(size, 0)) {
                size = from.getInputStream().read(got, at, Math.min(readSize, got.length - at));
            }
        } catch (IOException e) {
            return Arrays.copyOf(got, at);
        }
        return Arrays.copyOf(got, at);
    }

    @ParameterizedTest
    @CsvSource({"100, 0, , idle_timeout", "0, 100, DT, max_downstream_connection_duration"})
    void timersEndAQuietConnection(long idleMillis, long mostMillis, @Nullable ResponseFlag flag, String counter) throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var rig = new DataPathRig()) {
            var timed = new NetworkFilter.TcpProxy(
                    "c", List.of(new NetworkFilter.TcpProxy.Weighted("c", 1)), TimeUnit.MILLISECONDS.toNanos(idleMillis),
                    TimeUnit.MILLISECONDS.toNanos(mostMillis), 1, false, List.of());
            rig.apply(MeshUpdate.of(List.of(to("c", server.address())), List.of(listener("l", chain(WATCHED, timed)))));
            try (Socket client = rig.connect("l")) {
                assertEnd(client);
            }
            assertEquals(flag == null ? 0 : flag.bit(), rig.nextClosed().flags);
            assertEquals(1, rig.stats.counters().get("tcp.c." + counter).value());
            assertEquals(0, rig.stats.gauges().get("tcp.c.downstream_cx_active").value());
        }
    }

    @Test
    void failuresCarryEnvoysFlags() throws Exception {
        int unused;
        try (var probe = new ServerSocket(0)) {
            unused = probe.getLocalPort();
        }
        try (var rig = new DataPathRig()) {
            rig.apply(MeshUpdate.of(
                    List.of(
                            cluster("refused", Discovery.STATIC, assignment("refused", endpoint("127.0.0.1", unused))),
                            cluster("empty", Discovery.STATIC, null)),
                    List.of(
                            listener("nc", chain(WATCHED, tcpProxy("nowhere"))),
                            listener("uh", chain(WATCHED, tcpProxy("empty"))),
                            listener("uf", chain(WATCHED, tcpProxy("refused"))))));
            for (ResponseFlag flag : List.of(ResponseFlag.NC, ResponseFlag.UH, ResponseFlag.UF)) {
                try (Socket client = rig.connect(flag.name().toLowerCase(Locale.ROOT))) {
                    assertEnd(client);
                }
                StreamInfo info = rig.nextClosed();
                assertEquals(flag == ResponseFlag.UF ? flag.bit() | ResponseFlag.URX.bit() : flag.bit(), info.flags, flag.name());
                if (flag == ResponseFlag.UF) {
                    assertEquals("delayed connect error: Connection refused", info.upstreamTransportFailure);
                }
            }
            assertEquals(1, rig.stats.counters().get("cluster.refused.upstream_cx_connect_fail").value());
        }
    }

    @Test
    void connectionsOverTheLimitAreRefused() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var rig = new DataPathRig()) {
            rig.apply(one(server.address()));
            try (Socket first = rig.connect("l"); Socket second = rig.connect("l"); Socket third = rig.connect("l")) {
                say(first, "a");
                say(second, "b");
                hear(first, 1);
                hear(second, 1);
                assertEnd(third);
                assertTrue(rig.nextClosed().hasFlag(ResponseFlag.UO));
            }
        }
    }

    @Test
    void aCapturedConnectionGoesToTheListenerOfItsDestination() throws Exception {
        var original = new InetSocketAddress("10.1.2.3", 3306);
        try (var exact = new TcpServer(s -> say(s, "exact"));
                var wild = new TcpServer(s -> say(s, "wild!"));
                var own = new TcpServer(s -> say(s, "own!!"));
                var rig = new DataPathRig(c -> original, new DataPathRig.PlainOnly())) {
            Listener capture = listener("virtualOutbound", "127.0.0.1", 0, true, true, List.of(), chain(WATCHED, tcpProxy("own")));
            Listener byIp = listener("10.1.2.3_3306", "10.1.2.3", 3306, false, false, List.of(), chain(WATCHED, tcpProxy("exact")));
            Listener byPort = listener("0.0.0.0_3306", "0.0.0.0", 3306, false, false, List.of(), chain(WATCHED, tcpProxy("wild")));
            List<Cluster> clusters = List.of(to("exact", exact.address()), to("wild", wild.address()), to("own", own.address()));
            rig.apply(MeshUpdate.of(clusters, List.of(capture)));
            assertGreeting(rig, "own!!");
            rig.apply(MeshUpdate.of(List.of(), List.of(byPort)));
            assertGreeting(rig, "wild!");
            rig.apply(MeshUpdate.of(List.of(), List.of(byIp)));
            assertEquals("10.1.2.3_3306", assertGreeting(rig, "exact").connection.listener().name());
        }
    }

    private static StreamInfo assertGreeting(DataPathRig rig, String expected) throws Exception {
        try (Socket client = rig.connect("virtualOutbound")) {
            assertEquals(expected, hear(client, 5));
        }
        return rig.nextClosed();
    }

    @Test
    void theRestoredDestinationIsWhereAnOriginalDestinationClusterGoes() throws Exception {
        try (var server = new TcpServer(s -> say(s, "reached")); var rig = new DataPathRig(c -> server.address(), new DataPathRig.PlainOnly())) {
            rig.apply(MeshUpdate.of(
                    List.of(cluster("PassthroughCluster", Discovery.ORIGINAL_DST, null)),
                    List.of(listener("virtualOutbound", "127.0.0.1", 0, true, true, List.of(), chain(WATCHED, tcpProxy("PassthroughCluster"))))));
            try (Socket client = rig.connect("virtualOutbound")) {
                assertEquals("reached", hear(client, 7));
            }
        }
    }

    @Test
    void inspectedBytesAreReplayedToTheChainThatTheyChose() throws Exception {
        var match = new FilterChainMatch(
                0, List.of(), List.of(), Listener.SourceType.ANY, List.of(), List.of(), List.of(), "raw_buffer", List.of("http/1.1"));
        List<ListenerFilter> inspectors = List.of(
                new ListenerFilter("tls", ListenerFilter.Kind.TLS_INSPECTOR, null), new ListenerFilter("http", ListenerFilter.Kind.HTTP_INSPECTOR, null));
        try (var server = new TcpServer(TcpServer.ECHO); var rig = new DataPathRig()) {
            rig.apply(MeshUpdate.of(
                    List.of(to("c", server.address())),
                    List.of(listener("l", "127.0.0.1", 0, true, false, inspectors, chain(match, new TransportSocket.RawBuffer(), WATCHED, tcpProxy("c"))))));
            try (Socket client = rig.connect("l")) {
                for (char c : "GET / HTTP/1.1\r\n".toCharArray()) {
                    say(client, String.valueOf(c));
                }
                assertEquals("GET / HTTP/1.1\r\n", hear(client, 16));
            }
            try (Socket client = rig.connect("l")) {
                say(client, "SSH-2.0-x\r\n");
                assertEnd(client);
            }
            assertEquals(1, rig.stats.counters().get("listener.127.0.0.1_0.no_filter_chain_match").value());
        }
    }

    @Test
    void anUpdateDrainsOnlyWhatChanged() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var rig = new DataPathRig()) {
            var port = new FilterChainMatch(
                    1, List.of(), List.of(), Listener.SourceType.ANY, List.of(), List.of(), List.of(), "", List.of());
            rig.apply(one(server.address()));
            InetSocketAddress before = rig.address("l");
            try (Socket client = rig.connect("l")) {
                say(client, "a");
                assertEquals("a", hear(client, 1));
                rig.apply(MeshUpdate.of(List.of(), List.of(listener(
                        "l", chain(WATCHED, tcpProxy("c")), chain(port, new TransportSocket.RawBuffer(), tcpProxy("other"))))));
                assertEquals(before, rig.address("l"), "the socket stays");
                rig.apply(MeshUpdate.of(List.of(), List.of(listener("l", chain(WATCHED, tcpProxy("gone"))))));
                assertEnd(client);
            }
            assertEquals(2, rig.stats.counters().get("listener_manager.listener_modified").value());
        }
    }

    @Test
    void aThousandConnectionsLeaveNothing() throws Exception {
        try (var server = new TcpServer(TcpServer.ECHO); var rig = new DataPathRig()) {
            var many = cluster("PassthroughCluster", Discovery.ORIGINAL_DST, null);
            var threshold = new Cluster.CircuitBreakers.Threshold(4_294_967_295L, 1, 1, 1, -1, 3);
            rig.apply(MeshUpdate.of(
                    List.of(new Cluster(
                            "c", "", Discovery.STATIC, null, assignment("c", endpoint("127.0.0.1", server.port())), Cluster.LbPolicy.LEAST_REQUEST,
                            many.lbConfig(), many.connectTimeoutNanos(), new Cluster.CircuitBreakers(threshold, threshold), null,
                            many.transportSocket(), List.of(), many.http(), List.of(), null, null, many.dns(), 0, null, 0, 1 << 20,
                            many.metadata())),
                    List.of(listener("l", chain(WATCHED, tcpProxy("c"))))));
            List<Socket> sockets = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                Socket socket = rig.connect("l");
                sockets.add(socket);
                say(socket, "n" + i % 10);
            }
            for (int i = 0; i < 1000; i++) {
                assertEquals("n" + i % 10, hear(sockets.get(i), 2));
                if (i % 3 == 0) {
                    sockets.get(i).setSoLinger(true, 0);
                }
                sockets.get(i).close();
            }
            for (int i = 0; i < 1000; i++) {
                rig.nextClosed();
            }
            assertEquals(0, rig.stats.gauges().get("tcp.c.downstream_cx_active").value());
            assertEquals(0, rig.stats.gauges().get("cluster.c.upstream_cx_active").value());
            assertEquals(0, rig.path.clusters().cluster("c").hosts().iterator().next().active());
        }
    }
}
