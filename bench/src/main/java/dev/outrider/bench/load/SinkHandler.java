package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.LongAdder;

/** Counts bytes and drops them. On the load's loop. */
final class SinkHandler extends ChannelInboundHandlerAdapter {

    private final LongAdder sunk;

    SinkHandler(LongAdder sunk) {
        this.sunk = sunk;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        sunk.add(bytes.readableBytes());
        bytes.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
