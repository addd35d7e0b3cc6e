package dev.outrider.proxy.datapath.explicit;

import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.datapath.explicit.ServiceListeners.Service;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Cidr;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Sockets of services as these come, change and go; where a client is taken to is written down, and it is closed. */
class ServiceListenersTest {

    private final Stats stats = new Stats();
    private final BlockingQueue<InetSocketAddress> taken = new LinkedBlockingQueue<>();
    private EventLoopGroup loops;
    private ServiceListeners listeners;
    private int port;

    @BeforeEach
    void open() throws IOException {
        loops = new MultiThreadIoEventLoopGroup(1, Transport.ioHandlers());
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        listeners = listeners(new InheritedSockets());
    }

    private ServiceListeners listeners(InheritedSockets inherited) {
        return new ServiceListeners(new ServiceListeners.Parts(loops, new ExplicitPort.Way() {
            @Override
            public boolean enter(Channel client) {
                return true;
            }

            @Override
            public boolean take(ChannelHandlerContext ctx, InetSocketAddress destination) {
                taken.add(destination);
                return false;
            }
        }, Cidr.parse("127.65.0.0/16"), inherited, stats));
    }

    @AfterEach
    void close() {
        listeners.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static Service service(String host, int port, String... addresses) {
        return new Service(host, List.of(addresses).stream().map(InetAddress::ofLiteral).toList(), new TreeSet<>(List.of(port)));
    }

    private InetSocketAddress calling(String host) throws Exception {
        try (Socket socket = new Socket(listeners.addresses().get(host), port)) {
            assertEquals(-1, socket.getInputStream().read());
        }
        InetSocketAddress to = taken.poll(10, TimeUnit.SECONDS);
        assertNotNull(to);
        return to;
    }

    @Test
    void aServiceThatMovesKeepsItsSocketAndOneThatGoesLosesIt() throws Exception {
        listeners.update(List.of(service("a", port, "10.96.0.1"), service("b", port, "10.96.0.2"))).get();
        List<Channel> before = listeners.channels();
        assertEquals(2, before.size());
        assertEquals(new InetSocketAddress("10.96.0.2", port), calling("b"));
        InetSocketAddress b = new InetSocketAddress(listeners.addresses().get("b"), port);

        listeners.update(List.of(service("a", port, "10.96.0.9"))).get();
        assertEquals(new InetSocketAddress("10.96.0.9", port), calling("a"));
        assertEquals(1, listeners.channels().size());
        assertTrue(before.contains(listeners.channels().getFirst()), "another socket");
        assertNull(listeners.behind(b));
        for (Channel channel : before) {
            if (!listeners.channels().contains(channel)) {
                assertTrue(channel.closeFuture().await(10, TimeUnit.SECONDS));
            }
        }
    }

    @Test
    void severalAddressesAreTakenInTurn() throws Exception {
        listeners.update(List.of(service("headless", port, "10.44.0.1", "10.44.0.2"))).get();
        assertEquals(new InetSocketAddress("10.44.0.1", port), calling("headless"));
        assertEquals(new InetSocketAddress("10.44.0.2", port), calling("headless"));
        assertEquals(new InetSocketAddress("10.44.0.1", port), calling("headless"));
    }

    @Test
    void aPortThatIsTakenIsCountedAndListensWhenItIsFree() throws Exception {
        listeners.update(List.of(service("a", port, "10.96.0.1"))).get();
        InetAddress own = listeners.addresses().get("a");
        Channel ours = listeners.channels().getFirst();
        listeners.update(List.of()).get();
        assertTrue(ours.closeFuture().await(10, TimeUnit.SECONDS));
        try (ServerSocket unused = new ServerSocket(port, 1, own)) {
            listeners.update(List.of(service("a", port, "10.96.0.1"))).get();
            assertEquals(1, stats.gauge("explicit_services.listeners_failed").value());
            assertEquals(List.of(), listeners.channels());
        }
        listeners.update(List.of(service("a", port, "10.96.0.1"))).get();
        assertEquals(1, listeners.channels().size());
    }

    @Test
    void aServiceWithMorePortsThanThereAreSocketsIsLeftOutWhole() throws Exception {
        var all = new TreeSet<>(IntStream.rangeClosed(20_000, 25_000).boxed().toList());
        listeners.update(List.of(new Service("all", List.of(InetAddress.ofLiteral("10.96.0.1")), all), service("one", port, "10.96.0.2"))).get();
        assertEquals(List.of("one"), List.copyOf(listeners.addresses().keySet()));
    }

    @Test
    void aServiceWhoseAddressLiesInTheRangeWouldLeadToItself() throws Exception {
        listeners.update(List.of(service("loop", port, "127.65.0.7"))).get();
        assertEquals(List.of(), listeners.channels());
    }

    /** The next process gives the same addresses, and takes the socket with those who wait in it. */
    @Test
    void aSocketOfTheProcessBeforeServesOn() throws Exception {
        listeners.update(List.of(service("a", port, "10.96.0.1"))).get();
        InetAddress own = listeners.addresses().get("a");
        Channel before = listeners.channels().getFirst();
        listeners.close();
        assertTrue(before.closeFuture().await(10, TimeUnit.SECONDS));

        var kept = io.netty.channel.unix.Socket.newSocketStream();
        kept.bind(new InetSocketAddress(own, port));
        kept.listen(16);
        var inherited = new InheritedSockets();
        inherited.add(kept.intValue());
        listeners = listeners(inherited);
        try (Socket waiting = new Socket(own, port)) {
            listeners.update(List.of(service("a", port, "10.96.0.1"))).get();
            assertEquals(-1, waiting.getInputStream().read());
        }
        assertEquals(new InetSocketAddress("10.96.0.1", port), taken.poll(10, TimeUnit.SECONDS));
        assertTrue(inherited.isEmpty());
    }

    @Test
    void nothingIsOpenedAfterTheEnd() throws Exception {
        listeners.close();
        listeners.update(List.of(service("a", port, "10.96.0.1"))).get();
        assertEquals(List.of(), listeners.channels());
    }
}
