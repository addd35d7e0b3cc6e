package dev.outrider.proxy.http1;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Classes of octets (RFC 9110 §5.6.2, RFC 3986 §3.2) as tables, and texts compared as bytes. */
final class Octets {

    /** The lower-case form of a token character, 0 for any other octet. */
    static final byte[] TOKEN = new byte[256];

    private static final boolean[] AUTHORITY = new boolean[256];

    static {
        for (int c = 0; c < 128; c++) {
            boolean alphanumeric = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
            if (alphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0) {
                TOKEN[c] = (byte) (c >= 'A' && c <= 'Z' ? c + 32 : c);
            }
            // Envoy takes user information in Host; a comma it does not.
            AUTHORITY[c] = alphanumeric || "!$%&'()*+,-.:;=@[]_~".indexOf(c) >= 0;
        }
    }

    private Octets() {}

    /** Controls except TAB, and DEL. */
    static boolean control(int c) {
        return c >= 0 && c < 0x20 && c != '\t' || c == 0x7f;
    }

    static boolean blank(int c) {
        return c == ' ' || c == '\t';
    }

    static boolean authority(byte[] b, int from, int to) {
        for (int i = from; i < to; i++) {
            if (!AUTHORITY[b[i] & 0xff]) {
                return false;
            }
        }
        return true;
    }

    static boolean equals(byte[] b, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (b[from + i] != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** {@code text} is lower case. */
    static boolean equalsIgnoreCase(byte[] b, int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            int c = b[from + i];
            if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != text.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    static String text(byte[] b, int from, int to) {
        return new String(b, from, to - from, StandardCharsets.ISO_8859_1);
    }

    static String lowerText(byte[] b, int from, int to) {
        return text(b, from, to).toLowerCase(Locale.ROOT);
    }

    /** Value of a run of digits, -1 where it is none or above 2^63 - 1. */
    static long decimal(byte[] b, int from, int to) {
        if (from == to) {
            return -1;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = b[i] - '0';
            if (digit < 0 || digit > 9 || value > (Long.MAX_VALUE - digit) / 10) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }
}
