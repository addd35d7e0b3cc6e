package dev.outrider.dns.wire;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Names as the tables key them: lower-case wire labels without the root octet, so that a parent domain is a plain suffix and
 * an expanded name's head a plain prefix of the same array. Pure functions, any thread. RFC 1035 §3.1, RFC 4343.
 */
public final class WireName {

    /** Longest name without the root octet. */
    public static final int MAX_LENGTH = 254;

    static final int MAX_LABEL = 63;

    /** Odd and secret: names come from anybody, and a table that collides on purpose is a slow table. */
    private static final int MULTIPLIER = new SecureRandom().nextInt() | 1;

    private WireName() {}

    /** One step of the hash, which runs from a name's last byte to its first so that each suffix's hash is a by-product. */
    static int mix(int hash, byte b) {
        int h = (hash + (b & 0xFF) + 1) * MULTIPLIER;
        return h ^ (h >>> 15);
    }

    public static int hash(byte[] name, int offset, int length) {
        int h = 0;
        for (int i = offset + length - 1; i >= offset; i--) {
            h = mix(h, name[i]);
        }
        return h;
    }

    public static boolean equal(byte[] key, byte[] name, int offset, int length) {
        return key.length == length && Arrays.equals(key, 0, length, name, offset, offset + length);
    }

    public static byte lower(byte b) {
        return b >= 'A' && b <= 'Z' ? (byte) (b + 32) : b;
    }

    /**
     * Wire form, lower case, of a dotted name with or without the final dot. Throws IllegalArgumentException that says which
     * rule the name breaks.
     */
    public static byte[] of(String dotted) {
        String text = dotted.endsWith(".") ? dotted.substring(0, dotted.length() - 1) : dotted;
        if (text.isEmpty()) {
            return new byte[0];
        }
        byte[] chars = text.getBytes(StandardCharsets.ISO_8859_1);
        if (chars.length + 1 > MAX_LENGTH) {
            throw new IllegalArgumentException("name of " + chars.length + " characters: at most 253 are allowed");
        }
        byte[] wire = new byte[chars.length + 1];
        int labelStart = 0;
        for (int i = 0; i <= chars.length; i++) {
            if (i == chars.length || chars[i] == '.') {
                int label = i - labelStart;
                if (label == 0 || label > MAX_LABEL) {
                    throw new IllegalArgumentException("name " + dotted + ": a label has " + label + " characters, 1 to 63 are allowed");
                }
                wire[labelStart] = (byte) label;
                labelStart = i + 1;
            } else {
                wire[i + 1] = lower(chars[i]);
            }
        }
        return wire;
    }

    /** Dotted text without the final dot; bytes outside printable ASCII, dots and backslashes as {@code \ddd}. */
    public static String text(byte[] wire, int offset, int length) {
        if (length == 0) {
            return ".";
        }
        StringBuilder text = new StringBuilder(length);
        int end = offset + length;
        int at = offset;
        while (at < end) {
            int label = wire[at++] & 0xFF;
            for (int i = 0; i < label && at < end; i++, at++) {
                int c = wire[at] & 0xFF;
                if (c <= ' ' || c > '~' || c == '.' || c == '\\') {
                    text.append('\\').append((char) ('0' + c / 100)).append((char) ('0' + c / 10 % 10)).append((char) ('0' + c % 10));
                } else {
                    text.append((char) c);
                }
            }
            if (at < end) {
                text.append('.');
            }
        }
        return text.toString();
    }

    public static String text(byte[] wire) {
        return text(wire, 0, wire.length);
    }
}
