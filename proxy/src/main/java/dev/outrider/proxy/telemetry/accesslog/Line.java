package dev.outrider.proxy.telemetry.accesslog;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A text under way, as bytes in an array that serves line after line. What is appended as chars is one byte each (ISO 8859-1), so that header
 * values pass unchanged. One thread.
 */
final class Line {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_NUMBER = 20;

    private byte[] bytes;
    private int length;

    Line(int capacity) {
        bytes = new byte[capacity];
    }

    int length() {
        return length;
    }

    /** Cuts off what is behind {@code shorter}. */
    void setLength(int shorter) {
        length = shorter;
    }

    /** For reading only, up to {@link #length()}; valid until the next change. */
    byte[] array() {
        return bytes;
    }

    private void room(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, bytes.length * 2));
        }
    }

    Line append(char c) {
        room(1);
        bytes[length++] = (byte) c;
        return this;
    }

    @SuppressWarnings("deprecation") // the one method that copies the low bytes of chars without an array between
    Line append(String text) {
        int size = text.length();
        room(size);
        text.getBytes(0, size, bytes, length);
        length += size;
        return this;
    }

    Line append(byte[] from, int at, int size) {
        room(size);
        System.arraycopy(from, at, bytes, length, size);
        length += size;
        return this;
    }

    Line append(long number) {
        if (number < 0) {
            return append(Long.toString(number));
        }
        room(LONGEST_NUMBER);
        int digits = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        long rest = number;
        for (int at = length + digits - 1; at >= length; at--) {
            bytes[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    /** The low byte in two digits. */
    Line appendHex(int value) {
        room(2);
        bytes[length++] = HEX[value >> 4 & 15];
        bytes[length++] = HEX[value & 15];
        return this;
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, length);
    }

    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }
}
