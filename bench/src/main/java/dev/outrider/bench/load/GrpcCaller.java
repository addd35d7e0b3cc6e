package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.collection.IntObjectHashMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One HTTP/2 connection without TLS, on which unary gRPC calls of 50 bytes each run side by side. A call succeeds when its stream ends after a message.
 * On the load's loop.
 */
final class GrpcCaller extends Http2Frames implements Caller {

    static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int MESSAGE = 50;
    static final byte[] HEAD = GrpcBackendHandler.bytes(headers());
    static final byte[] BODY = GrpcBackendHandler.bytes(message(Unpooled.buffer(), MESSAGE));

    private static final class Call {

        private final long due;
        private boolean answered;

        private Call(long due) {
            this.due = due;
        }
    }

    private final Driver driver;
    private final IntObjectHashMap<Call> calls = new IntObjectHashMap<>();
    private @Nullable Channel channel;
    private boolean goingAway;
    private int next = 1;

    GrpcCaller(Driver driver) {
        this.driver = driver;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        ctx.write(Unpooled.wrappedBuffer(PREFACE));
        greet(ctx);
        driver.ready(this);
    }

    @Override
    public void call(long dueNanos) {
        Channel open = channel;
        if (open == null) {
            return;
        }
        int stream = next;
        next += 2;
        calls.put(stream, new Call(dueNanos));
        ByteBuf out = open.alloc().directBuffer(256);
        head(out, HEAD.length, HEADERS, END_HEADERS, stream).writeBytes(HEAD);
        head(out, BODY.length, DATA, END_STREAM, stream).writeBytes(BODY);
        open.writeAndFlush(out, open.voidPromise());
    }

    @Override
    void frame(ChannelHandlerContext ctx, int type, int flags, int stream, ByteBuf payload) {
        if (type == GOAWAY) {
            leave(ctx);
            return;
        }
        Call call = calls.get(stream);
        if (call == null) {
            return;
        }
        if (type == DATA && payload.readableBytes() >= MESSAGE) {
            call.answered = true;
        }
        boolean ended = (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
        if (ended || type == RST_STREAM) {
            calls.remove(stream);
            driver.done(this, call.due, ended && call.answered);
            if (goingAway) {
                leave(ctx);
            }
        }
    }

    /** Takes no further call, and ends with those that are under way (RFC 9113 §6.8). */
    private void leave(ChannelHandlerContext ctx) {
        goingAway = true;
        driver.lost(this);
        if (calls.isEmpty()) {
            ctx.close();
        }
    }

    @Override
    protected void handlerRemoved0(ChannelHandlerContext ctx) {
        channel = null;
        List<Call> open = new ArrayList<>(calls.values());
        calls.clear();
        open.forEach(call -> driver.done(this, call.due, false));
        driver.lost(this);
    }

    @Override
    public boolean open() {
        Channel current = channel;
        return current != null && current.isActive() && !goingAway;
    }

    @Override
    public void close() {
        Channel current = channel;
        if (current != null) {
            current.close();
        }
    }

    private static ByteBuf headers() {
        // 0x83 is ":method: POST", 0x86 ":scheme: http"; 1 is :authority, 4 :path, 31 content-type, 58 user-agent.
        ByteBuf out = Unpooled.buffer().writeByte(0x83).writeByte(0x86);
        field(out, 4, "/bench.Echo/Unary");
        field(out, 1, "bench.example");
        field(out, 31, "application/grpc");
        field(out, 58, "outrider-bench");
        field(out, "te", "trailers");
        return out;
    }
}
