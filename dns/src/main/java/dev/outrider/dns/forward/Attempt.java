package dev.outrider.dns.forward;

import dev.outrider.dns.wire.ReplyParser;
import dev.outrider.dns.wire.UpstreamAnswer;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One question to one resolver: a UDP socket of its own (connected, so that the kernel picks a fresh port and passes only that resolver's packets), then
 * TCP when the reply was cut or did not match. A forger gets one packet to guess with. Confined to the DNS loop.
 */
final class Attempt {

    private final Exchange exchange;
    private final Resolver resolver;
    private final Forwarder forwarder;
    private final long startedNanos;
    private @Nullable Channel channel;
    private int id;
    private boolean tcp;
    private boolean edns;
    private boolean done;

    Attempt(Exchange exchange, Resolver resolver, Forwarder forwarder) {
        this.exchange = exchange;
        this.resolver = resolver;
        this.forwarder = forwarder;
        this.startedNanos = forwarder.now();
        this.edns = resolver.edns();
    }

    Resolver resolver() {
        return resolver;
    }

    long startedNanos() {
        return startedNanos;
    }

    void startUdp() {
        connect(forwarder.sockets().upstreamUdp(resolver.address()));
    }

    private void startTcp() {
        close();
        done = false;
        tcp = true;
        forwarder.counters().add(ForwardCounters.Event.TCP_RETRY);
        connect(forwarder.sockets().upstreamTcp());
    }

    private void connect(Bootstrap bootstrap) {
        id = forwarder.randomId();
        ChannelFuture connected = bootstrap.handler(new Receiver()).connect(resolver.address());
        channel = connected.channel();
        forwarder.opened(connected.channel());
        connected.addListener(f -> {
            if (done) {
                connected.channel().close();
            } else if (f.isSuccess()) {
                send(connected.channel());
            } else {
                fail(f.cause());
            }
        });
    }

    private void send(Channel to) {
        byte[] packet = exchange.question().packet(id, edns);
        ByteBuf buffer;
        if (tcp) {
            buffer = to.alloc().ioBuffer(packet.length + 2).writeShort(packet.length).writeBytes(packet);
        } else {
            buffer = Unpooled.wrappedBuffer(packet);
        }
        to.writeAndFlush(buffer).addListener(f -> {
            if (!f.isSuccess()) {
                fail(f.cause());
            }
        });
    }

    private void fail(@Nullable Throwable cause) {
        if (!done) {
            close();
            exchange.failed(this, (tcp ? "TCP: " : "UDP: ") + Objects.toString(cause == null ? null : cause.getMessage(), "connection closed"));
        }
    }

    void close() {
        done = true;
        Channel open = channel;
        if (open != null) {
            // Not from inside a read: Netty's datagram channel reads on after a close there, from a descriptor that may be another's by then.
            forwarder.loop().execute(open::close);
        }
    }

    private void receive(byte[] bytes, int length) {
        ReplyParser parser = forwarder.parser();
        switch (parser.parse(bytes, length, exchange.question(), id)) {
            case ANSWER -> {
                UpstreamAnswer answer = Objects.requireNonNull(parser.answer());
                close();
                exchange.answered(this, answer);
            }
            case TRUNCATED -> retryOverTcp("reply over TCP is truncated");
            case NO_EDNS -> retryWithoutEdns();
            case MISMATCH -> {
                resolver.mismatched();
                forwarder.counters().add(ForwardCounters.Event.MISMATCH);
                // Somebody may be guessing ids: a connection cannot be guessed.
                retryOverTcp("reply does not match the question");
            }
            case MALFORMED -> {
                forwarder.counters().add(ForwardCounters.Event.MALFORMED);
                retryOverTcp("malformed reply");
            }
        }
    }

    private void retryOverTcp(String error) {
        if (tcp) {
            close();
            exchange.failed(this, error);
        } else {
            startTcp();
        }
    }

    private void retryWithoutEdns() {
        close();
        if (!edns) {
            exchange.failed(this, "FORMERR even without EDNS");
            return;
        }
        edns = false;
        resolver.withoutEdns();
        done = false;
        connect(tcp ? forwarder.sockets().upstreamTcp() : forwarder.sockets().upstreamUdp(resolver.address()));
    }

    /** Takes packets or a stream; belongs to one socket of the attempt. */
    private final class Receiver extends ChannelInboundHandlerAdapter {

        private @Nullable ByteBuf stream;

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof DatagramPacket packet) {
                try {
                    if (current(ctx)) {
                        receive(forwarder.scratch(), forwarder.copyToScratch(packet.content()));
                    }
                } finally {
                    packet.release();
                }
            } else if (message instanceof ByteBuf part) {
                read(ctx, part);
            }
        }

        private void read(ChannelHandlerContext ctx, ByteBuf part) {
            ByteBuf all = stream;
            if (all == null) {
                all = ctx.alloc().buffer(2048, 2 + 65_535);
                stream = all;
            }
            try {
                all.writeBytes(part, Math.min(part.readableBytes(), all.maxWritableBytes()));
            } finally {
                part.release();
            }
            if (all.readableBytes() >= 2) {
                int length = all.getUnsignedShort(all.readerIndex());
                if (all.readableBytes() >= 2 + length && current(ctx)) {
                    all.skipBytes(2);
                    receive(forwarder.scratch(), forwarder.copyToScratch(all.readSlice(length)));
                }
            }
        }

        private boolean current(ChannelHandlerContext ctx) {
            return !done && ctx.channel() == channel;
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (current(ctx)) {
                fail(null);
            }
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext ctx) {
            ByteBuf all = stream;
            if (all != null) {
                stream = null;
                all.release();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // Among others the refusal that comes back as ICMP: no need to wait for the hedge.
            if (current(ctx)) {
                fail(cause);
            } else {
                ctx.close();
            }
        }
    }
}
