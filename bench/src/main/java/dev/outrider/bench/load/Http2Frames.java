package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads HTTP/2 frames (RFC 9113 §4.1) and keeps the connection going: acknowledges SETTINGS and PING, and returns window to the sender. Header blocks
 * are not decoded: the load's own are made without the dynamic table, and what it receives is judged by frames alone. On the load's loop.
 */
abstract class Http2Frames extends ByteToMessageDecoder {

    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int GOAWAY = 7;
    static final int END_STREAM = 0x1;
    static final int END_HEADERS = 0x4;

    private static final int SETTINGS = 4;
    private static final int PING = 6;
    private static final int WINDOW_UPDATE = 8;
    private static final int ACK = 0x1;
    private static final int FRAME_HEAD = 9;

    /** On top of the 65,535 bytes that a connection starts with. */
    private static final int WINDOW = 1 << 30;

    private long unreturned;

    abstract void frame(ChannelHandlerContext ctx, int type, int flags, int stream, ByteBuf payload);

    /** Sends SETTINGS (no push) and opens the connection's window. */
    final void greet(ChannelHandlerContext ctx) {
        ByteBuf out = ctx.alloc().directBuffer();
        greeting(out);
        ctx.writeAndFlush(out);
    }

    static void greeting(ByteBuf out) {
        head(out, 6, SETTINGS, 0, 0).writeShort(2).writeInt(0);
        head(out, 4, WINDOW_UPDATE, 0, 0).writeInt(WINDOW);
    }

    @Override
    protected final void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        while (in.readableBytes() >= FRAME_HEAD) {
            int at = in.readerIndex();
            int length = in.getUnsignedMedium(at);
            if (in.readableBytes() < FRAME_HEAD + length) {
                return;
            }
            int type = in.getUnsignedByte(at + 3);
            int flags = in.getUnsignedByte(at + 4);
            int stream = in.getInt(at + 5) & Integer.MAX_VALUE;
            in.skipBytes(FRAME_HEAD);
            int end = in.readerIndex() + length;
            take(ctx, type, flags, stream, in.slice(in.readerIndex(), length));
            in.readerIndex(end);
        }
    }

    private void take(ChannelHandlerContext ctx, int type, int flags, int stream, ByteBuf payload) {
        if (type == SETTINGS && (flags & ACK) == 0) {
            ctx.write(head(ctx.alloc().directBuffer(FRAME_HEAD), 0, SETTINGS, ACK, 0));
        } else if (type == PING && (flags & ACK) == 0) {
            ctx.write(head(ctx.alloc().directBuffer(), payload.readableBytes(), PING, ACK, 0).writeBytes(payload));
        } else {
            if (type == DATA) {
                unreturned += payload.readableBytes();
                if (unreturned > WINDOW / 2) {
                    ctx.write(head(ctx.alloc().directBuffer(), 4, WINDOW_UPDATE, 0, 0).writeInt((int) unreturned));
                    unreturned = 0;
                }
            }
            frame(ctx, type, flags, stream, payload);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
        super.channelReadComplete(ctx);
        ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }

    static ByteBuf head(ByteBuf out, int length, int type, int flags, int stream) {
        return out.writeMedium(length).writeByte(type).writeByte(flags).writeInt(stream);
    }

    /** A field with a name of the static table (RFC 7541 §6.2.2), neither indexed nor Huffman-coded. */
    static void field(ByteBuf out, int nameIndex, String value) {
        if (nameIndex < 15) {
            out.writeByte(nameIndex);
        } else {
            out.writeByte(15).writeByte(nameIndex - 15);
        }
        text(out, value);
    }

    static void field(ByteBuf out, String name, String value) {
        out.writeByte(0);
        text(out, name);
        text(out, value);
    }

    /** A gRPC message of zeros with its prefix. */
    static ByteBuf message(ByteBuf out, int size) {
        return out.writeByte(0).writeInt(size).writeZero(size);
    }

    private static void text(ByteBuf out, String text) {
        out.writeByte(text.length()).writeCharSequence(text, StandardCharsets.US_ASCII);
    }
}
