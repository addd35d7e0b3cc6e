package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.Headers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;

/** Frames a body on its way out: by length, in chunks, as it is, or not at all. */
final class BodyWriter {

    enum Mode { NONE, LENGTH, CHUNKED, RAW }

    /** Up to here a chunk is copied into one buffer: cheaper than two more entries in the gathering write. */
    private static final int COPY = 1024;

    private static final int CHUNK_OVERHEAD = 20;
    private static final ByteBuf CRLF = constant("\r\n");
    private static final ByteBuf LAST_CHUNK = constant("0\r\n\r\n");
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final ChannelHandlerContext context;
    private Mode mode = Mode.NONE;
    private long left;
    private long written;

    BodyWriter(ChannelHandlerContext context) {
        this.context = context;
    }

    private static ByteBuf constant(String text) {
        return Unpooled.unreleasableBuffer(Unpooled.directBuffer(text.length()).writeBytes(text.getBytes(StandardCharsets.US_ASCII))).asReadOnly();
    }

    void start(Mode newMode, long length) {
        mode = newMode;
        left = length;
    }

    /** Bytes since the last call. */
    long takeWritten() {
        long taken = written;
        written = 0;
        return taken;
    }

    void data(ByteBuf data) {
        int size = data.readableBytes();
        if (size == 0 || mode == Mode.NONE) {
            data.release();
            return;
        }
        switch (mode) {
            case LENGTH -> {
                if (size > left) {
                    data.writerIndex(data.readerIndex() + (int) left);
                }
                left -= data.readableBytes();
                write(data);
            }
            case CHUNKED -> chunk(data, size);
            default -> write(data);
        }
    }

    private void chunk(ByteBuf data, int size) {
        if (size <= COPY) {
            ByteBuf all = context.alloc().ioBuffer(size + CHUNK_OVERHEAD);
            size(all, size);
            all.writeBytes(data).writeByte('\r').writeByte('\n');
            data.release();
            write(all);
            return;
        }
        ByteBuf line = context.alloc().ioBuffer(CHUNK_OVERHEAD);
        size(line, size);
        write(line);
        write(data);
        write(CRLF.duplicate());
    }

    private static void size(ByteBuf out, int size) {
        int shift = (31 - Integer.numberOfLeadingZeros(size)) / 4 * 4;
        for (; shift >= 0; shift -= 4) {
            out.writeByte(HEX[size >>> shift & 15]);
        }
        out.writeByte('\r').writeByte('\n');
    }

    /** Whether the message is as long as it was said to be. */
    boolean end() {
        if (mode == Mode.CHUNKED) {
            write(LAST_CHUNK.duplicate());
        }
        return mode != Mode.LENGTH || left == 0;
    }

    /** Ends with trailers where they can be said, else as {@link #end()}. */
    boolean trailers(Headers trailers) {
        if (mode != Mode.CHUNKED || trailers.size() == 0) {
            return end();
        }
        ByteBuf out = context.alloc().ioBuffer(trailers.byteLength() + CHUNK_OVERHEAD);
        out.writeByte('0').writeByte('\r').writeByte('\n');
        trailers.writeTo(out);
        out.writeByte('\r').writeByte('\n');
        write(out);
        return true;
    }

    private void write(ByteBuf out) {
        written += out.readableBytes();
        context.write(out, context.voidPromise());
    }
}
