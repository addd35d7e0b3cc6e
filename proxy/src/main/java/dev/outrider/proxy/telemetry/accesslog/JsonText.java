package dev.outrider.proxy.telemetry.accesslog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes JSON as bytes of UTF-8. Of strings that are no UTF-8, each byte above ASCII is escaped as if it were ISO 8859-1, as in Envoy. */
final class JsonText {

    private JsonText() {}

    /** A string of bytes (one char a byte) between quotes. */
    static void string(String bytes, Line out) {
        out.append('"').append(bytes);
        close(out, out.length() - bytes.length());
    }

    /**
     * Makes what stands behind {@code from}, which is behind an opening quote, the content of a string and closes it. Most values need no
     * escape: they are looked through once and stay where they are.
     */
    static void close(Line out, int from) {
        byte[] bytes = out.array();
        boolean clean = true;
        for (int i = from; i < out.length(); i++) {
            byte b = bytes[i];
            clean &= b >= ' ' && b != '"' && b != '\\' && b != 0x7f;
        }
        if (!clean) {
            byte[] raw = Arrays.copyOfRange(bytes, from, out.length());
            out.setLength(from);
            escape(raw, out);
        }
        out.append('"');
    }

    private static void escape(byte[] raw, Line out) {
        boolean valid = utf8(raw);
        for (byte b : raw) {
            int c = b & 0xff;
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || !valid && c > 0x7e) {
                        out.append("\\u00").appendHex(c);
                    } else {
                        out.append((char) c);
                    }
                }
            }
        }
    }

    private static boolean utf8(byte[] bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** A metadata tree; keys sorted, whole numbers without a fraction. */
    static void value(@Nullable Object value, Line out) {
        switch (value) {
            case null -> out.append("null");
            case String text -> string(Template.latin(text), out);
            case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 -> out.append(number.longValue());
            case Map<?, ?> map -> {
                out.append('{');
                String comma = "";
                TreeMap<String, @Nullable Object> sorted = new TreeMap<>();
                map.forEach((k, v) -> sorted.put(String.valueOf(k), v));
                for (Map.Entry<String, @Nullable Object> entry : sorted.entrySet()) {
                    out.append(comma);
                    string(Template.latin(entry.getKey()), out);
                    out.append(':');
                    value(entry.getValue(), out);
                    comma = ",";
                }
                out.append('}');
            }
            case List<?> list -> {
                out.append('[');
                String comma = "";
                for (Object element : list) {
                    out.append(comma);
                    value(element, out);
                    comma = ",";
                }
                out.append(']');
            }
            default -> out.append(value.toString());
        }
    }
}
