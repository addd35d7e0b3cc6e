package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Makes a connection for each call, asks once and closes it. On the load's loop. */
final class ConnectCaller implements Caller {

    private static final ByteBuf REQUEST = Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(
            "GET /bench HTTP/1.1\r\nhost: bench.example\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

    private final Driver driver;

    ConnectCaller(Driver driver) {
        this.driver = driver;
    }

    @Override
    public void call(long dueNanos) {
        Driver.bootstrap(driver.loop())
                .handler(new Once(dueNanos))
                .connect(InetAddress.getLoopbackAddress(), driver.port())
                .addListener(connected -> {
                    if (!connected.isSuccess()) {
                        driver.done(this, dueNanos, false);
                    }
                });
    }

    @Override
    public boolean open() {
        return true;
    }

    @Override
    public void close() {
        // What is under way closes itself.
    }

    private final class Once extends ByteToMessageDecoder {

        private final long due;
        private boolean ok;

        private Once(long due) {
            this.due = due;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            ctx.writeAndFlush(REQUEST.retainedDuplicate());
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
            int size = HttpAnswer.size(in);
            if (size > 0) {
                ok = HttpAnswer.success(in);
                in.skipBytes(size);
                ctx.close();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            driver.done(ConnectCaller.this, due, ok);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
