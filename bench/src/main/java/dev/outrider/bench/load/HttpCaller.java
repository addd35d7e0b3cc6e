package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One kept HTTP/1.1 connection, one request at a time. On the load's loop. */
final class HttpCaller extends ByteToMessageDecoder implements Caller {

    static final ByteBuf REQUEST = Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(
            "GET /bench HTTP/1.1\r\nhost: bench.example\r\nuser-agent: outrider-bench\r\naccept: */*\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

    private static final long NONE = Long.MIN_VALUE;

    private final Driver driver;
    private @Nullable Channel channel;
    private long due = NONE;

    HttpCaller(Driver driver) {
        this.driver = driver;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        driver.ready(this);
    }

    @Override
    public void call(long dueNanos) {
        due = dueNanos;
        Channel open = channel;
        if (open != null) {
            open.writeAndFlush(REQUEST.retainedDuplicate(), open.voidPromise());
        }
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        int size = HttpAnswer.size(in);
        if (size > 0) {
            boolean ok = HttpAnswer.success(in);
            boolean last = HttpAnswer.last(in);
            in.skipBytes(size);
            if (last) {
                // No longer open, before the driver may give it another call.
                channel = null;
            }
            end(ok);
            if (last) {
                ctx.close();
            }
        }
    }

    private void end(boolean ok) {
        long since = due;
        due = NONE;
        if (since != NONE) {
            driver.done(this, since, ok);
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        channel = null;
        end(false);
        driver.lost(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    @Override
    public boolean open() {
        Channel current = channel;
        return current != null && current.isActive();
    }

    @Override
    public void close() {
        Channel current = channel;
        if (current != null) {
            current.close();
        }
    }
}
