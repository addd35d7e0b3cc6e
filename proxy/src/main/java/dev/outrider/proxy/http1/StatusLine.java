package dev.outrider.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Status lines as bytes, with the registered reason phrases. */
final class StatusLine {

    private static final byte[] @Nullable [] LINES = new byte[1000][];

    private StatusLine() {}

    static {
        for (int status = 100; status < 1000; status++) {
            LINES[status] = ("HTTP/1.1 " + status + " " + reason(status) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        }
    }

    static String reason(int status) {
        return switch (status) {
            case 302 -> "Found";
            case 413 -> "Payload Too Large";
            case 414 -> "URI Too Long";
            case 416 -> "Range Not Satisfiable";
            case 422 -> "Unprocessable Entity";
            default -> {
                String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
                yield reason.endsWith(")") || reason.startsWith("Unknown") ? "Unknown" : reason;
            }
        };
    }

    static void write(int status, ByteBuf out) {
        byte[] line = status >= 0 && status < LINES.length ? LINES[status] : null;
        out.writeBytes(line != null ? line : ("HTTP/1.1 " + status + " Unknown\r\n").getBytes(StandardCharsets.US_ASCII));
    }
}
