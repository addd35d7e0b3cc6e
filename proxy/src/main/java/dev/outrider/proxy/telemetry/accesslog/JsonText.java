package dev.outrider.proxy.telemetry.accesslog;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Writes JSON whose chars are bytes of UTF-8. Of strings that are no UTF-8, each byte above
 * ASCII is escaped as if it were ISO 8859-1, as in Envoy. */
final class JsonText {

    private JsonText() {}

    /** Escapes {@code bytes} (one char a byte) between quotes. */
    static void string(CharSequence bytes, StringBuilder out) {
        out.append('"');
        boolean high = false;
        for (int i = 0; i < bytes.length(); i++) {
            high |= bytes.charAt(i) > 0x7e;
        }
        boolean valid = !high || utf8(bytes);
        for (int i = 0; i < bytes.length(); i++) {
            char c = bytes.charAt(i);
            if (!valid && c > 0x7e) {
                out.append("\\u00").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                escape(c, out);
            }
        }
        out.append('"');
    }

    private static void escape(char c, StringBuilder out) {
        switch (c) {
            case '"' -> out.append("\\\"");
            case '\\' -> out.append("\\\\");
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            case '\b' -> out.append("\\b");
            case '\f' -> out.append("\\f");
            default -> {
                if (c < 0x20) {
                    out.append("\\u00").append((char) ('0' + (c >> 4))).append(Character.forDigit(c & 15, 16));
                } else {
                    out.append(c);
                }
            }
        }
    }

    private static boolean utf8(CharSequence bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toString().getBytes(StandardCharsets.ISO_8859_1)));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** A metadata tree; keys sorted, whole numbers without a fraction. */
    static void value(@Nullable Object value, StringBuilder out) {
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
            default -> out.append(value);
        }
    }
}
