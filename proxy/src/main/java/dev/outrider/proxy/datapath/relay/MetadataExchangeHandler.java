package dev.outrider.proxy.datapath.relay;

import dev.outrider.proxy.connection.PeerExchange;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Istio's TCP metadata exchange on one connection whose TLS negotiated {@code istio-peer-exchange} (istio/proxy,
 * extensions metadata_exchange): a preamble of magic, length and a protobuf Any goes out once, before the first byte of our own and at the
 * latest when the peer's first byte comes; the peer's is cut off the front of what it sends. Symmetric; removes itself when both are done.
 * A stream that does not begin with the magic is passed on whole.
 */
public final class MetadataExchangeHandler extends ChannelDuplexHandler {

    public static final String ALPN = "istio-peer-exchange";

    static final int MAGIC = 0x3D230467;
    private static final int HEADER = 8;
    /** A workload's labels take a few hundred bytes; nobody may make us buffer more than this. */
    private static final int LONGEST_BODY = 65_536;

    /** User event: what the peer said, null = nothing that can be read. */
    public record PeerFound(@Nullable PeerMetadata peer) {}

    /** {@code metadata_exchange.*}; taken once. */
    public static final class Counts {
        final Counter found;
        final Counter notFound;
        final Counter noInitialHeader;
        final Counter noHeader;
        final Counter added;

        public Counts(Stats stats) {
            found = stats.counter("metadata_exchange.alpn_protocol_found");
            notFound = stats.counter("metadata_exchange.alpn_protocol_not_found");
            noInitialHeader = stats.counter("metadata_exchange.initial_header_not_found");
            noHeader = stats.counter("metadata_exchange.header_not_found");
            added = stats.counter("metadata_exchange.metadata_added");
        }

        /** A connection that does not take part. */
        public void notNegotiated() {
            notFound.inc();
        }
    }

    private final PeerExchange exchange;
    private final Counts counts;
    private @Nullable ByteBuf held;
    private boolean written;
    private boolean read;

    public MetadataExchangeHandler(PeerExchange exchange, Counts counts) {
        this.exchange = exchange;
        this.counts = counts;
        counts.found.inc();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ByteBuf left = held;
        held = null;
        if (left != null) {
            left.release();
        }
    }

    private void writePreamble(ChannelHandlerContext ctx) {
        if (written) {
            return;
        }
        written = true;
        byte[] body = exchange.body();
        ctx.write(ctx.alloc().buffer(HEADER + body.length).writeInt(MAGIC).writeInt(body.length).writeBytes(body));
        counts.added.inc();
    }

    private void removeWhenDone(ChannelHandlerContext ctx) {
        if (read && written && !ctx.isRemoved()) {
            ctx.pipeline().remove(this);
        }
    }

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        writePreamble(ctx);
        ctx.write(message, promise);
        removeWhenDone(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!written) {
            writePreamble(ctx);
            ctx.flush();
        }
        if (read) {
            ctx.fireChannelRead(message);
            return;
        }
        ByteBuf all = (ByteBuf) message;
        ByteBuf before = held;
        if (before != null) {
            held = null;
            all = ctx.alloc().compositeBuffer(2).addComponents(true, before, all);
        }
        parse(ctx, all);
    }

    private void parse(ChannelHandlerContext ctx, ByteBuf all) {
        int size = all.readableBytes();
        int start = all.readerIndex();
        for (int i = 0; i < Math.min(4, size); i++) {
            if (all.getByte(start + i) != (byte) (MAGIC >>> (24 - 8 * i))) {
                counts.noInitialHeader.inc();
                finish(ctx, null, all);
                return;
            }
        }
        if (size < HEADER) {
            hold(ctx, all);
            return;
        }
        int length = all.getInt(start + 4);
        if (length < 0 || length > LONGEST_BODY) {
            all.release();
            ctx.fireExceptionCaught(new IOException("metadata exchange announces " + Integer.toUnsignedString(length)
                    + " bytes, at most " + LONGEST_BODY + " are read"));
            ctx.close();
            return;
        }
        if (size < HEADER + length) {
            hold(ctx, all);
            return;
        }
        byte[] body = new byte[length];
        all.skipBytes(HEADER).readBytes(body);
        PeerMetadata peer = exchange.read(body);
        if (peer == null) {
            counts.noHeader.inc();
        }
        finish(ctx, peer, all);
    }

    private void hold(ChannelHandlerContext ctx, ByteBuf all) {
        held = all;
        if (!ctx.channel().config().isAutoRead()) {
            ctx.read();
        }
    }

    /** Passes on what follows; {@code rest} may be empty. */
    private void finish(ChannelHandlerContext ctx, @Nullable PeerMetadata peer, ByteBuf rest) {
        read = true;
        ctx.fireUserEventTriggered(new PeerFound(peer));
        if (rest.isReadable()) {
            ctx.fireChannelRead(rest);
        } else {
            rest.release();
            if (!ctx.channel().config().isAutoRead()) {
                ctx.read();
            }
        }
        removeWhenDone(ctx);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownReadComplete.INSTANCE) {
            giveUp(ctx);
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        giveUp(ctx);
        ctx.fireChannelInactive();
    }

    /** The peer ends before its preamble was whole: fewer than eight bytes are data after all. */
    private void giveUp(ChannelHandlerContext ctx) {
        if (read) {
            return;
        }
        ByteBuf left = held;
        held = null;
        if (left == null) {
            read = true;
            return;
        }
        counts.noInitialHeader.inc();
        if (left.readableBytes() >= HEADER) {
            left.release();
            left = Unpooled.EMPTY_BUFFER;
        }
        finish(ctx, null, left);
    }
}
