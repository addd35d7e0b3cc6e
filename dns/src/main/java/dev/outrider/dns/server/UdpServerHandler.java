package dev.outrider.dns.server;

import dev.outrider.dns.query.DnsMetrics;
import dev.outrider.dns.query.Outcome;
import dev.outrider.dns.query.QueryEngine;
import dev.outrider.dns.query.ReplyTarget;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Questions over UDP. Is itself the reply target of the packet at hand, so that an answer at once needs no object; replies of one read
 * burst leave with one flush. Confined to the DNS loop.
 */
public final class UdpServerHandler extends ChannelInboundHandlerAdapter implements ReplyTarget {

    /** Receive buffer of a packet: the largest acceptable question has 796 bytes. */
    public static final int MAX_PACKET = 2048;

    private static final InetSocketAddress NOBODY = new InetSocketAddress(0);

    private final QueryEngine engine;
    private final AccessList access;
    private final InetAddress bound;
    private final Channel channel;
    private final byte[] packet = new byte[MAX_PACKET];
    private InetSocketAddress sender = NOBODY;

    public UdpServerHandler(QueryEngine engine, AccessList access, InetAddress bound, Channel channel) {
        this.engine = engine;
        this.access = access;
        this.bound = bound;
        this.channel = channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof DatagramPacket datagram)) {
            ctx.fireChannelRead(message);
            return;
        }
        int length;
        try {
            sender = datagram.sender();
            ByteBuf content = datagram.content();
            length = Math.min(content.readableBytes(), MAX_PACKET);
            content.getBytes(content.readerIndex(), packet, 0, length);
        } finally {
            datagram.release();
        }
        // Port 0 cannot be replied to.
        if (sender.getPort() == 0 || !access.allows(bound, sender.getAddress())) {
            engine.metrics().count(DnsMetrics.Event.FORBIDDEN);
            return;
        }
        engine.handle(packet, length, this);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void reply(byte[] bytes, int length, Outcome outcome) {
        write(bytes, length, sender);
    }

    private void write(byte[] bytes, int length, InetSocketAddress to) {
        if (channel.isWritable()) {
            ByteBuf out = channel.alloc().directBuffer(length).writeBytes(bytes, 0, length);
            channel.write(new DatagramPacket(out, to), channel.voidPromise());
        } else {
            // The socket's buffer is full; UDP may lose, memory may not grow.
            engine.metrics().count(DnsMetrics.Event.DROPPED);
            channel.flush();
        }
    }

    @Override
    public boolean stream() {
        return false;
    }

    @Override
    public InetAddress peer() {
        return sender.getAddress();
    }

    @Override
    public ReplyTarget detach() {
        return new Later(sender);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        // A client that is gone comes back as an ICMP error on the next read; it concerns nobody else.
        engine.metrics().count(DnsMetrics.Event.DROPPED);
    }

    /** The way back to one sender. */
    private final class Later implements ReplyTarget {

        private final InetSocketAddress to;

        Later(InetSocketAddress to) {
            this.to = to;
        }

        @Override
        public void reply(byte[] bytes, int length, Outcome outcome) {
            write(bytes, length, to);
            channel.flush();
        }

        @Override
        public boolean stream() {
            return false;
        }

        @Override
        public InetAddress peer() {
            return to.getAddress();
        }

        @Override
        public ReplyTarget detach() {
            return this;
        }
    }
}
