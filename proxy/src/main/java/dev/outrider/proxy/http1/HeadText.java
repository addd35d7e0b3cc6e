package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** The pieces that heads are written of. */
final class HeadText {

    static final byte[] CLOSE = bytes("connection: close\r\n");
    static final byte[] KEEP_ALIVE = bytes("connection: keep-alive\r\n");
    static final byte[] CONNECTION_UPGRADE = bytes("connection: upgrade\r\nupgrade: ");
    static final byte[] CHUNKED = bytes("transfer-encoding: chunked\r\n");
    static final byte[] NO_CONTENT = bytes("content-length: 0\r\n");
    static final byte[] HTTP_1_1 = bytes(" HTTP/1.1\r\nhost: ");

    private HeadText() {}

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static void crlf(ByteBuf out) {
        out.writeByte('\r').writeByte('\n');
    }

    /** Latin-1, as heads hold their texts. */
    static void text(String text, ByteBuf out) {
        out.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    }

    /** Writes the fields; with {@code properCase} a letter after the start or a dash is a capital, as Envoy's proper_case_words has it. */
    static void fields(Headers headers, boolean properCase, ByteBuf out) {
        int from = out.writerIndex();
        headers.writeTo(out);
        if (properCase) {
            boolean name = true;
            boolean capital = true;
            for (int i = from; i < out.writerIndex(); i++) {
                byte c = out.getByte(i);
                if (name && capital && c >= 'a' && c <= 'z') {
                    out.setByte(i, c - 32);
                }
                name = c == '\n' || name && c != ':';
                capital = c == '\n' || c == '-';
            }
        }
    }

    /** The value of content-length, -1 where there is none. */
    static long contentLength(Headers headers) {
        int slot = headers.find(HeaderName.CONTENT_LENGTH, 0);
        if (slot < 0) {
            return -1;
        }
        int from = headers.valueStart(slot);
        return Octets.decimal(headers.array(), from, from + headers.valueLength(slot));
    }

    /** Whether a text may stand in a start line: nothing that would end it. */
    static boolean startLineSafe(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c == 0x7f || c > 0xff) {
                return false;
            }
        }
        return true;
    }
}
