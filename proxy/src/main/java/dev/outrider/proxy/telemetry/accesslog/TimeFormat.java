package dev.outrider.proxy.telemetry.accesslog;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A strftime pattern in UTC with Envoy's additions ({@code %s}, {@code %f}, {@code %3f}, {@code %E3S}), compiled. Any thread; the date of the
 * last second is kept, since the next line is mostly of the same.
 */
final class TimeFormat {

    @FunctionalInterface
    private interface Part {
        /** {@code nanos}: within the second. */
        void append(OffsetDateTime second, int nanos, Line out);
    }

    private static final TimeFormat DEFAULT = new TimeFormat(parse("%Y-%m-%dT%H:%M:%S.%3fZ"));

    private final Part[] parts;
    /** Immutable, and written in one piece: a race costs its making anew. */
    private OffsetDateTime last = OffsetDateTime.MIN;


    private TimeFormat(List<Part> parts) {
        this.parts = parts.toArray(Part[]::new);
    }

    static TimeFormat compile(@Nullable String pattern) {
        return pattern == null || pattern.isEmpty() ? DEFAULT : new TimeFormat(parse(pattern));
    }

    void append(long millis, Line out) {
        long seconds = Math.floorDiv(millis, 1_000L);
        OffsetDateTime time = last;
        if (time.toEpochSecond() != seconds) {
            time = Instant.ofEpochSecond(seconds).atOffset(ZoneOffset.UTC);
            last = time;
        }
        int nanos = Math.floorMod(millis, 1_000) * 1_000_000;
        for (Part part : parts) {
            part.append(time, nanos, out);
        }
    }

    private static List<Part> parse(String pattern) {
        List<Part> parts = new ArrayList<>();
        int at = 0;
        while (at < pattern.length()) {
            char c = pattern.charAt(at++);
            if (c != '%' || at == pattern.length()) {
                parts.add((t, n, out) -> out.append(c));
                continue;
            }
            char code = pattern.charAt(at++);
            int digits = 9;
            if (code == 'E' && at + 1 < pattern.length() && pattern.charAt(at + 1) == 'S') {
                int width = Character.digit(pattern.charAt(at), 10);
                at += 2;
                parts.add((t, n, out) -> {
                    two(t.getSecond(), out);
                    out.append('.');
                    fraction(n, width < 0 ? 9 : width, out);
                });
                continue;
            }
            if (code >= '1' && code <= '9' && at < pattern.length() && pattern.charAt(at) == 'f') {
                digits = code - '0';
                code = 'f';
                at++;
            }
            parts.add(part(code, digits));
        }
        return parts;
    }

    private static Part part(char code, int digits) {
        return switch (code) {
            case 'Y' -> (t, n, out) -> out.append(t.getYear());
            case 'y' -> (t, n, out) -> two(t.getYear() % 100, out);
            case 'm' -> (t, n, out) -> two(t.getMonthValue(), out);
            case 'd' -> (t, n, out) -> two(t.getDayOfMonth(), out);
            case 'e' -> (t, n, out) -> out.append(t.getDayOfMonth() < 10 ? " " : "").append(t.getDayOfMonth());
            case 'H' -> (t, n, out) -> two(t.getHour(), out);
            case 'I' -> (t, n, out) -> two((t.getHour() + 11) % 12 + 1, out);
            case 'p' -> (t, n, out) -> out.append(t.getHour() < 12 ? "AM" : "PM");
            case 'M' -> (t, n, out) -> two(t.getMinute(), out);
            case 'S' -> (t, n, out) -> two(t.getSecond(), out);
            case 'j' -> (t, n, out) -> out.append(t.getDayOfYear() < 10 ? "00" : t.getDayOfYear() < 100 ? "0" : "").append(t.getDayOfYear());
            case 'F' -> (t, n, out) -> {
                out.append(t.getYear()).append('-');
                two(t.getMonthValue(), out);
                out.append('-');
                two(t.getDayOfMonth(), out);
            };
            case 'T' -> (t, n, out) -> {
                two(t.getHour(), out);
                out.append(':');
                two(t.getMinute(), out);
                out.append(':');
                two(t.getSecond(), out);
            };
            case 'b', 'h' -> (t, n, out) -> out.append(t.getMonth().getDisplayName(TextStyle.SHORT, Locale.ROOT));
            case 'B' -> (t, n, out) -> out.append(t.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 'a' -> (t, n, out) -> out.append(t.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH));
            case 'A' -> (t, n, out) -> out.append(t.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH));
            case 's' -> (t, n, out) -> out.append(t.toEpochSecond());
            case 'f' -> (t, n, out) -> fraction(n, digits, out);
            case 'z' -> (t, n, out) -> out.append("+0000");
            case 'Z' -> (t, n, out) -> out.append("UTC");
            case 'n' -> (t, n, out) -> out.append('\n');
            case 't' -> (t, n, out) -> out.append('\t');
            default -> (t, n, out) -> out.append(code);
        };
    }

    private static void two(int value, Line out) {
        if (value < 10) {
            out.append('0');
        }
        out.append(value);
    }

    private static void fraction(int value, int digits, Line out) {
        int power = 100_000_000;
        for (int i = 0; i < digits; i++) {
            out.append((char) ('0' + (power == 0 ? 0 : value / power % 10)));
            power /= 10;
        }
    }
}
