package dev.outrider.proxy.datapath.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the codec by the connection's first bytes (RFC 9113 §3.4 preface, else HTTP/1), then gives way to it. Where HTTP/2 was agreed on, bytes
 * that are not its preface end the connection, before anything is sent, as with Envoy. One per connection.
 */
final class CodecSniffer extends ChannelInboundHandlerAdapter {

    private static final byte[] PREFACE = "PRI * HTTP/2".getBytes(StandardCharsets.US_ASCII);

    private final HttpConnection connection;
    private final boolean agreed;
    private @Nullable ByteBuf held;

    /** {@code agreed}: HTTP/2, by ALPN or configuration. */
    CodecSniffer(HttpConnection connection, boolean agreed) {
        this.connection = connection;
        this.agreed = agreed;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (!(message instanceof ByteBuf data)) {
            context.fireChannelRead(message);
            return;
        }
        ByteBuf all = held == null ? data : context.alloc().compositeBuffer(2).addComponent(true, held).addComponent(true, data);
        held = null;
        int known = Math.min(all.readableBytes(), PREFACE.length);
        boolean same = true;
        for (int i = 0; i < known; i++) {
            same &= all.getByte(all.readerIndex() + i) == PREFACE[i];
        }
        if (same && known < PREFACE.length) {
            held = all;
            context.read();
            return;
        }
        if (agreed && !same) {
            all.release();
            connection.protocolError();
            return;
        }
        connection.installCodec(context.pipeline(), same);
        context.fireChannelRead(all);
        context.pipeline().remove(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        release();
        context.fireChannelInactive();
    }

    private void release() {
        if (held != null) {
            held.release();
            held = null;
        }
    }
}
