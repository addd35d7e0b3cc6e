package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Uploads as fast as the connection takes it, and counts what arrives at the far end. */
final class Bulk extends ChannelInboundHandlerAdapter {

    private static final int CHUNK = 256 * 1024;
    private static final ByteBuf BYTES = Unpooled.unreleasableBuffer(Unpooled.directBuffer(CHUNK).writeZero(CHUNK));

    private static final long LONGEST_WAIT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private boolean stopped;

    private Bulk() {}

    static LoadReply run(EventLoopGroup loop, LoadSpec spec, LongAdder sunk) {
        Bulk bulk = new Bulk();
        long before = sunk.sum();
        long began = System.nanoTime();
        Channel channel = Driver.bootstrap(loop)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(CHUNK, 2 * CHUNK))
                .handler(bulk)
                .connect(InetAddress.getLoopbackAddress(), spec.port())
                .syncUninterruptibly()
                .channel();
        CountDownLatch over = new CountDownLatch(1);
        channel.eventLoop().schedule(() -> bulk.stop(channel, sunk, before, began), (long) (spec.seconds() * 1e9), TimeUnit.NANOSECONDS);
        channel.closeFuture().addListener(closed -> over.countDown());
        try {
            over.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        long nanos = System.nanoTime() - began;
        long arrived = sunk.sum() - before;
        if (!bulk.stopped || arrived == 0) {
            throw new IllegalStateException("the connection to port " + spec.port() + " ended early, after " + arrived + " bytes");
        }
        return new LoadReply(1, 0, arrived, nanos / 1e9, 0, 0, 0, 0);
    }

    /** Not before something has arrived: a cold handshake on a busy machine can take all of a short slot. */
    private void stop(Channel channel, LongAdder sunk, long before, long began) {
        if (sunk.sum() == before && System.nanoTime() - began < LONGEST_WAIT_NANOS && channel.isActive()) {
            channel.eventLoop().schedule(() -> stop(channel, sunk, before, began), POLL_NANOS, TimeUnit.NANOSECONDS);
        } else {
            stopped = true;
            channel.close();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        fill(ctx);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        fill(ctx);
    }

    private void fill(ChannelHandlerContext ctx) {
        while (!stopped && ctx.channel().isActive() && ctx.channel().isWritable()) {
            ctx.writeAndFlush(BYTES.retainedDuplicate(), ctx.voidPromise());
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
