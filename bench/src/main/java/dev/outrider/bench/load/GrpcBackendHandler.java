package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;

/** Answers every stream that ends with a message of 50 bytes and grpc-status 0. On the load's loop. */
final class GrpcBackendHandler extends Http2Frames {

    private static final int PREFACE = 24;
    private static final int MESSAGE = 50;
    private static final byte[] HEAD = bytes(headers());
    private static final byte[] BODY = bytes(message(Unpooled.buffer(), MESSAGE));
    private static final byte[] TRAILERS = bytes(trailers());

    private int preface = PREFACE;

    @Override
    public void channelActive(ChannelHandlerContext ctx) throws Exception {
        greet(ctx);
        super.channelActive(ctx);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        ByteBuf bytes = (ByteBuf) message;
        if (preface > 0) {
            int skipped = Math.min(preface, bytes.readableBytes());
            bytes.skipBytes(skipped);
            preface -= skipped;
        }
        super.channelRead(ctx, bytes);
    }

    @Override
    void frame(ChannelHandlerContext ctx, int type, int flags, int stream, ByteBuf payload) {
        if ((type == DATA || type == HEADERS) && (flags & END_STREAM) != 0) {
            ByteBuf out = ctx.alloc().directBuffer(256);
            head(out, HEAD.length, HEADERS, END_HEADERS, stream).writeBytes(HEAD);
            head(out, BODY.length, DATA, 0, stream).writeBytes(BODY);
            head(out, TRAILERS.length, HEADERS, END_HEADERS | END_STREAM, stream).writeBytes(TRAILERS);
            ctx.write(out, ctx.voidPromise());
        }
    }

    private static ByteBuf headers() {
        // 0x88 is ":status: 200"; 31 is content-type.
        ByteBuf out = Unpooled.buffer().writeByte(0x88);
        field(out, 31, "application/grpc");
        return out;
    }

    private static ByteBuf trailers() {
        ByteBuf out = Unpooled.buffer();
        field(out, "grpc-status", "0");
        return out;
    }

    static byte[] bytes(ByteBuf buffer) {
        byte[] bytes = new byte[buffer.readableBytes()];
        buffer.readBytes(bytes);
        return bytes;
    }
}
