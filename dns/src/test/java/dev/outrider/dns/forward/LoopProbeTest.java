package dev.outrider.dns.forward;

import dev.outrider.dns.Packets;
import dev.outrider.dns.wire.Query;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A resolver that leads back here is left out, and taken again when it no longer does. */
class LoopProbeTest {

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final ResolverGroup resolvers = new ResolverGroup(".");
    private DatagramSocket resolver;
    private Forwarder forwarder;
    private LoopProbe probe;

    @BeforeEach
    void open() throws Exception {
        resolver = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        resolver.setSoTimeout(10_000);
        forwarder = new Forwarder(Sockets.of(loop, 0), System::nanoTime, (question, answer, by) -> { });
        probe = new LoopProbe(forwarder);
        assertTrue(resolvers.update(List.of((InetSocketAddress) resolver.getLocalSocketAddress())));
    }

    @AfterEach
    void close() throws Exception {
        loop.submit(forwarder::close).get(10, TimeUnit.SECONDS);
        resolver.close();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
    }

    private DatagramPacket received() throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[512], 512);
        resolver.receive(packet);
        return packet;
    }

    private void reply(DatagramPacket to, int rcode) throws Exception {
        byte[] reply = Packets.status(Arrays.copyOf(to.getData(), to.getLength()), rcode);
        resolver.send(new DatagramPacket(reply, reply.length, to.getSocketAddress()));
        while (loop.submit(forwarder::exchangesOpen).get(10, TimeUnit.SECONDS) > 0) {
            Thread.onSpinWait();
        }
    }

    private boolean cameBack(DatagramPacket packet) throws Exception {
        return loop.submit(() -> {
            Query query = new Query();
            assertEquals(0, query.parse(packet.getData(), packet.getLength()));
            return probe.cameBack(query);
        }).get(10, TimeUnit.SECONDS);
    }

    private boolean looping() throws Exception {
        return loop.submit(() -> resolvers.inOrder(0).isEmpty()).get(10, TimeUnit.SECONDS);
    }

    @Test
    void aLoopIsFoundByANameThatNobodyCanGuessAndForgivenWhenItEnds() throws Exception {
        loop.execute(() -> probe.probe(resolvers));
        DatagramPacket first = received();
        String name = Packets.questionName(Arrays.copyOf(first.getData(), first.getLength()));
        assertTrue(name.matches("[a-z]{26}\\.[a-z]{26}"), name);
        assertTrue(cameBack(first));
        reply(first, 5);
        assertTrue(looping());
        assertFalse(cameBack(first), "a name that was seen is no probe any more");

        loop.execute(() -> probe.probeSuspects(resolvers));
        DatagramPacket second = received();
        assertTrue(looping(), "until it is proved otherwise");
        reply(second, 3);
        assertFalse(looping());
    }

    @Test
    void aHealthyResolverIsNotBothered() throws Exception {
        loop.submit(() -> probe.probeSuspects(resolvers)).get(10, TimeUnit.SECONDS);
        assertEquals(0, loop.submit(forwarder::exchangesOpen).get(10, TimeUnit.SECONDS));
    }
}
