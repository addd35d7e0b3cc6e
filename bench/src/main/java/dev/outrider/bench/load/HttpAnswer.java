package dev.outrider.bench.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Finds the end of an HTTP/1.1 response that states its length, whether it is a success, and whether it ends its connection. On the load's loop. */
final class HttpAnswer {

    private static final byte[] LENGTH = "\r\ncontent-length:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CLOSE = "\r\nconnection: close\r\n".getBytes(StandardCharsets.US_ASCII);

    private HttpAnswer() {}

    /** Bytes of the whole response at the start of the buffer; -1 while its head or body is not complete. */
    static int size(ByteBuf in) {
        int head = head(in);
        if (head < 0) {
            return -1;
        }
        int size = head + bodyLength(in, head);
        return in.readableBytes() >= size ? size : -1;
    }

    /** {@code HTTP/1.1 2..}. */
    static boolean success(ByteBuf in) {
        return in.getByte(in.readerIndex() + 9) == '2';
    }

    /** {@code connection: close}: the next request needs another connection. */
    static boolean last(ByteBuf in) {
        return find(in, head(in), CLOSE) >= 0;
    }

    private static int head(ByteBuf in) {
        int from = in.readerIndex();
        int last = in.writerIndex() - 4;
        for (int i = from; i <= last; i++) {
            if (in.getByte(i) == '\r' && in.getInt(i) == 0x0d0a0d0a) {
                return i + 4 - from;
            }
        }
        return -1;
    }

    private static int bodyLength(ByteBuf in, int head) {
        int at = find(in, head, LENGTH);
        if (at < 0) {
            throw new IllegalStateException("a response without content-length: " + in.toString(in.readerIndex(), head, StandardCharsets.ISO_8859_1));
        }
        return number(in, at + LENGTH.length);
    }

    /** Where {@code text} begins in the first {@code head} bytes; -1 = it is not there. */
    private static int find(ByteBuf in, int head, byte[] text) {
        int from = in.readerIndex();
        for (int i = from; i <= from + head - text.length; i++) {
            if (in.getByte(i) == '\r' && named(in, i, text)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean named(ByteBuf in, int at, byte[] text) {
        for (int i = 0; i < text.length; i++) {
            if (Character.toLowerCase((char) in.getByte(at + i)) != text[i]) {
                return false;
            }
        }
        return true;
    }

    private static int number(ByteBuf in, int at) {
        int i = at;
        while (in.getByte(i) == ' ') {
            i++;
        }
        int value = 0;
        for (; in.getByte(i) >= '0' && in.getByte(i) <= '9'; i++) {
            value = value * 10 + in.getByte(i) - '0';
        }
        return value;
    }
}
