package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Connections that asked once and stay open, idle. Main thread of the load; handlers on its loop. */
final class Held {

    /** At a time: a wave that fits every backlog. */
    private static final int WAVE = 100;

    private static final long WAVE_SECONDS = 20;
    private static final ByteBuf REQUEST = Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(
            "GET /bench HTTP/1.1\r\nhost: bench.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

    private final List<Channel> open = new ArrayList<>();

    LoadReply open(EventLoopGroup loop, LoadSpec spec) {
        long began = System.nanoTime();
        while (open.size() < spec.connections()) {
            wave(loop, spec, Math.min(WAVE, spec.connections() - open.size()));
        }
        return new LoadReply(open.size(), 0, 0, (System.nanoTime() - began) / 1e9, 0, 0, 0, 0);
    }

    private void wave(EventLoopGroup loop, LoadSpec spec, int count) {
        CountDownLatch answered = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            ChannelFuture connecting = Driver.bootstrap(loop).handler(new Asker(answered)).connect(InetAddress.getLoopbackAddress(), spec.port());
            open.add(connecting.channel());
        }
        try {
            if (!answered.await(WAVE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("of " + open.size() + " connections to port " + spec.port() + ", " + answered.getCount() + " got no answer");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void release() {
        open.forEach(channel -> channel.close().awaitUninterruptibly());
        open.clear();
    }

    private static final class Asker extends ByteToMessageDecoder {

        private final CountDownLatch answered;

        private Asker(CountDownLatch answered) {
            this.answered = answered;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(REQUEST.retainedDuplicate());
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            int size = HttpAnswer.size(in);
            if (size > 0) {
                if (HttpAnswer.success(in)) {
                    answered.countDown();
                }
                in.skipBytes(size);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
