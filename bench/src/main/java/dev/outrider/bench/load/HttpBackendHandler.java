package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.nio.charset.StandardCharsets;

/** Answers each HTTP/1.1 request without a body with the same 1 KB; a request ends with its empty line. On the load's loop. */
final class HttpBackendHandler extends ChannelInboundHandlerAdapter {

    private static final int BODY = 1024;
    private static final byte[] END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final ByteBuf RESPONSE = Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(
            ("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: " + BODY + "\r\n\r\n" + "x".repeat(BODY)).getBytes(StandardCharsets.US_ASCII)));

    private int matched;

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        while (bytes.isReadable()) {
            byte next = bytes.readByte();
            matched = next == END[matched] ? matched + 1 : next == '\r' ? 1 : 0;
            if (matched == END.length) {
                matched = 0;
                ctx.write(RESPONSE.retainedDuplicate(), ctx.voidPromise());
            }
        }
        bytes.release();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
