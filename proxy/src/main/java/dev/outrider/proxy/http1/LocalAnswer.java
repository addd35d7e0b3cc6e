package dev.outrider.proxy.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The answers that the codec gives by itself, in Envoy's form: the reason phrase as text, and the connection closes. */
final class LocalAnswer {

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US);

    private LocalAnswer() {}

    static ByteBuf write(ByteBufAllocator allocator, int status, String details, String serverName) {
        ByteBuf out = allocator.ioBuffer(256);
        StatusLine.write(status, out);
        boolean bodiless = details.equals(Details.MISSING_HOST) || details.equals(Details.UPGRADE_FAILED) || details.equals(Details.ABSOLUTE_PATH);
        String body = bodiless ? "" : StatusLine.reason(status);
        HeadText.text("content-length: " + body.length() + "\r\n" + (bodiless ? "" : "content-type: text/plain\r\n"), out);
        HeadText.text("date: " + DATE.format(ZonedDateTime.now(ZoneOffset.UTC)) + "\r\n", out);
        HeadText.text("server: " + serverName + "\r\n", out);
        out.writeBytes(HeadText.CLOSE);
        HeadText.crlf(out);
        HeadText.text(body, out);
        return out;
    }
}
