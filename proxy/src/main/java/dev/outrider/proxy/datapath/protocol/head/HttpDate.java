package dev.outrider.proxy.datapath.protocol.head;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** The date field's text (RFC 9110 §5.6.7), made once a second. Any thread. */
public final class HttpDate {

    private static final DateTimeFormatter FORMAT =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH).withZone(ZoneOffset.UTC);

    private record Cached(long second, String text) {}

    private static volatile Cached cached = new Cached(-1, "");

    private HttpDate() {}

    public static String now(long millis) {
        long second = Math.floorDiv(millis, 1000L);
        Cached last = cached;
        if (last.second != second) {
            last = new Cached(second, FORMAT.format(Instant.ofEpochSecond(second)));
            cached = last;
        }
        return last.text;
    }
}
