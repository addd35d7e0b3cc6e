package dev.outrider.dns;

import dev.outrider.dns.query.Cidr;
import dev.outrider.dns.query.DnsMetrics;
import dev.outrider.dns.query.QueryEngine;
import dev.outrider.dns.server.AccessList;
import dev.outrider.dns.server.TcpConnections;
import dev.outrider.dns.server.TcpServerHandler;
import dev.outrider.dns.server.UdpServerHandler;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who may ask, and what one connection may hold: the handlers alone, on channels without a kernel behind them. */
class FrontLimitsTest {

    private static final AccessList LAN = new AccessList(List.of(Cidr.of("192.0.2.0/24"), Cidr.of("2001:db8::/32")));

    private static InetSocketAddress socket(String ip, int port) throws Exception {
        return new InetSocketAddress(InetAddress.getByName(ip), port);
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.53, 192.0.2.7, 4000, true",
        "192.0.2.53, 198.51.100.7, 4000, false",
        "192.0.2.53, 127.0.0.1, 4000, true",
        "2001:db8::53, 2001:db8::7, 4000, true",
        "2001:db8::53, 2001:db9::7, 4000, false",
        // Redirected questions keep their source and arrive on loopback.
        "127.0.0.1, 198.51.100.7, 4000, true",
        "127.0.0.1, 127.0.0.1, 0, false"
    })
    void aSocketOffLoopbackServesOnlyLoopbackAndTheListedRanges(String bound, String peer, int port, boolean served) throws Exception {
        EmbeddedChannel channel = new EmbeddedChannel();
        QueryEngine engine = Engines.local(channel.eventLoop());
        channel.pipeline().addLast(new UdpServerHandler(engine, LAN, InetAddress.getByName(bound), channel));
        ByteBuf question = Unpooled.wrappedBuffer(Packets.query(7, "localhost", 1));
        channel.writeInbound(new DatagramPacket(question, socket(bound, 53), socket(peer, port)));
        DatagramPacket reply = channel.readOutbound();
        if (served) {
            assertNotNull(reply);
            assertEquals(socket(peer, port), reply.recipient());
            reply.release();
        } else {
            assertNull(reply);
        }
        assertEquals(served ? 0 : 1, engine.metrics().get(DnsMetrics.Event.FORBIDDEN));
        assertFalse(channel.finishAndReleaseAll());
    }

    private static EmbeddedChannel connection(AtomicLong clock) {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.freezeTime();
        QueryEngine engine = Engines.local(channel.eventLoop());
        channel.pipeline().addLast(new TcpServerHandler(
                engine, new AccessList(List.of()), new TcpConnections(engine.metrics()), clock::get, channel));
        channel.pipeline().fireChannelActive();
        return channel;
    }

    private static void advance(EmbeddedChannel channel, AtomicLong clock, int seconds) {
        for (int i = 0; i < seconds; i++) {
            clock.addAndGet(1_000_000_000L);
            channel.advanceTimeBy(1, TimeUnit.SECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    private static ByteBuf frames(int count) {
        ByteBuf all = Unpooled.buffer();
        for (int i = 0; i < count; i++) {
            all.writeBytes(TestClient.frame(Packets.query(i, "localhost", 1)));
        }
        return all;
    }

    private static int replies(EmbeddedChannel channel) {
        int replies = 0;
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            replies += out.isReadable() ? 1 : 0;
            out.release();
        }
        return replies;
    }

    @Test
    void anIdleConnectionClosesAfterTenSeconds() {
        AtomicLong clock = new AtomicLong();
        EmbeddedChannel channel = connection(clock);
        advance(channel, clock, 8);
        channel.writeInbound(frames(1));
        assertEquals(1, replies(channel));
        advance(channel, clock, 10);
        assertTrue(channel.isOpen(), "ten seconds after its last question, not after its first");
        advance(channel, clock, 1);
        assertFalse(channel.isOpen());
    }

    @Test
    void aClientThatDoesNotReadStopsBeingServed() {
        EmbeddedChannel channel = connection(new AtomicLong());
        ChannelOutboundBuffer unread = Objects.requireNonNull(channel.unsafe().outboundBuffer());
        unread.setUserDefinedWritability(1, false);
        channel.writeInbound(frames(10));
        assertEquals(0, replies(channel), "no reply is made for which there is no room");
        assertFalse(channel.config().isAutoRead(), "nor is anything further read");
        unread.setUserDefinedWritability(1, true);
        channel.runPendingTasks();
        assertEquals(10, replies(channel));
        assertTrue(channel.config().isAutoRead());
        assertFalse(channel.finishAndReleaseAll());
    }

    @Test
    void questionsThatWaitForAnUnreadReplyGoWithTheConnection() {
        EmbeddedChannel channel = connection(new AtomicLong());
        Objects.requireNonNull(channel.unsafe().outboundBuffer()).setUserDefinedWritability(1, false);
        ByteBuf held = frames(10);
        channel.writeInbound(held);
        channel.close();
        assertEquals(0, held.refCnt());
        assertFalse(channel.finishAndReleaseAll());
    }
}
