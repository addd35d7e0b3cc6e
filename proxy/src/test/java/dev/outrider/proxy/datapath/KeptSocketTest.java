package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.Discovery;
import dev.outrider.xds.model.Listener;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static dev.outrider.proxy.datapath.DataPathRig.hear;
import static dev.outrider.proxy.datapath.TestListeners.chain;
import static dev.outrider.proxy.datapath.TestListeners.listener;
import static dev.outrider.proxy.datapath.TestListeners.tcpProxy;
import static dev.outrider.proxy.datapath.cluster.TestClusters.assignment;
import static dev.outrider.proxy.datapath.cluster.TestClusters.cluster;
import static dev.outrider.proxy.datapath.cluster.TestClusters.endpoint;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Listeners on a socket that listened before the process began, and that whoever keeps it keeps on. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KeptSocketTest {

    private final InheritedSockets inherited = new InheritedSockets();
    private int port;

    @BeforeEach
    void listen() throws IOException {
        assertTrue(Transport.epoll());
        Socket socket = Socket.newSocketStream();
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        socket.listen(16);
        port = socket.localAddress().getPort();
        inherited.add(socket.intValue());
    }

    private static Cluster to(String name, TcpServer server) {
        return cluster(name, Discovery.STATIC, assignment(name, endpoint("127.0.0.1", server.address().getPort())));
    }

    private Listener accepting(String cluster) {
        return listener("accepting", "127.0.0.1", port, true, true, List.of(), chain(tcpProxy(cluster)));
    }

    private static void acceptWaiting(DataPathRig rig) throws Exception {
        rig.control.submit(rig.path.listeners()::acceptWaiting).get(10, TimeUnit.SECONDS);
    }

    private java.net.Socket client() throws IOException {
        var socket = new java.net.Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** Who connected while nobody served meets the configuration that is complete, not what stood when the socket was taken. */
    @Test
    void whatWaitsIsServedByWhatComesLater() throws Exception {
        try (var early = new TcpServer(s -> DataPathRig.say(s, "early"));
                var later = new TcpServer(s -> DataPathRig.say(s, "later"));
                var client = client();
                var rig = new DataPathRig(inherited, channel -> new InetSocketAddress(InetAddress.ofLiteral("192.0.2.7"), 80))) {
            rig.apply(MeshUpdate.of(List.of(to("early", early)), List.of(accepting("early"))));
            rig.apply(MeshUpdate.of(List.of(to("later", later)),
                    List.of(listener("0.0.0.0_80", "0.0.0.0", 80, false, false, List.of(), chain(tcpProxy("later"))))));
            acceptWaiting(rig);
            assertEquals("later", hear(client, 5));
        }
    }

    /** The keeper's copy of the socket would refuse a second bind. */
    @Test
    void aListenerThatWasRemovedTakesItsSocketAgain() throws Exception {
        try (var server = new TcpServer(s -> DataPathRig.say(s, "hello"));
                var rig = new DataPathRig(inherited, channel -> null)) {
            acceptWaiting(rig);
            MeshUpdate with = MeshUpdate.of(List.of(to("c", server)), List.of(accepting("c")));
            rig.apply(with);
            try (var client = client()) {
                assertEquals("hello", hear(client, 5));
            }
            rig.apply(new MeshUpdate(
                    List.of(), Set.of(), List.of(), Set.of(), List.of(), Set.of(), List.of(), Set.of("accepting"), null));
            try (var client = client()) {
                rig.apply(with);
                assertEquals("hello", hear(client, 5));
            }
            assertEquals(Map.of(), rig.path.listeners().failures());
        }
    }
}
