package dev.outrider.proxy.admin.page;

import dev.outrider.proxy.admin.state.AdminState.RawJson;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Trees of maps, lists, strings, numbers, booleans and {@link RawJson} as JSON, one space of indentation per level as Envoy prints. */
public final class JsonTree {

    private JsonTree() {}

    public static String print(Object tree) {
        StringBuilder out = new StringBuilder(1024);
        print(tree, 0, out);
        return out.append('\n').toString();
    }

    /** On one line. */
    public static String printLine(Object tree) {
        // Line ends within strings are escaped, so each one found is layout.
        return print(tree).strip().replaceAll("\n *", " ");
    }

    /** A tree without raw parts. */
    public static @Nullable Object parse(RawJson raw) {
        LoadSettings settings = LoadSettings.builder().setCodePointLimit(Integer.MAX_VALUE).build();
        return new Load(settings).loadFromString(raw.text());
    }

    private static void print(@Nullable Object node, int depth, StringBuilder out) {
        switch (node) {
            case null -> out.append("null");
            case Map<?, ?> map -> object(map, depth, out);
            case List<?> list -> array(list, depth, out);
            case String text -> quote(text, out);
            case RawJson raw -> layOut(raw.text(), depth, out);
            default -> out.append(Objects.toString(node));
        }
    }

    private static void object(Map<?, ?> map, int depth, StringBuilder out) {
        if (map.isEmpty()) {
            out.append("{}");
            return;
        }
        out.append('{');
        for (Iterator<? extends Map.Entry<?, ?>> i = map.entrySet().iterator(); i.hasNext(); ) {
            Map.Entry<?, ?> entry = i.next();
            line(depth + 1, out);
            quote(String.valueOf(entry.getKey()), out);
            out.append(": ");
            print(entry.getValue(), depth + 1, out);
            out.append(i.hasNext() ? "," : "");
        }
        line(depth, out);
        out.append('}');
    }

    private static void array(List<?> list, int depth, StringBuilder out) {
        if (list.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append('[');
        for (Iterator<?> i = list.iterator(); i.hasNext(); ) {
            line(depth + 1, out);
            print(i.next(), depth + 1, out);
            out.append(i.hasNext() ? "," : "");
        }
        line(depth, out);
        out.append(']');
    }

    /** Lays JSON that is correct, on one line or more, out anew. */
    private static void layOut(String text, int depth, StringBuilder out) {
        int level = depth;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> {
                    int end = endOfString(text, i);
                    out.append(text, i, end + 1);
                    i = end;
                }
                case '{', '[' -> {
                    int next = skipBlanks(text, i + 1);
                    out.append(c);
                    if (next < text.length() && (text.charAt(next) == '}' || text.charAt(next) == ']')) {
                        out.append(text.charAt(next));
                        i = next;
                    } else {
                        line(++level, out);
                    }
                }
                case '}', ']' -> {
                    line(--level, out);
                    out.append(c);
                }
                case ',' -> {
                    out.append(c);
                    line(level, out);
                }
                case ':' -> out.append(": ");
                case ' ', '\n', '\t', '\r' -> {}
                default -> out.append(c);
            }
        }
    }

    private static int endOfString(String text, int start) {
        int i = start + 1;
        while (i < text.length() - 1 && text.charAt(i) != '"') {
            i += text.charAt(i) == '\\' ? 2 : 1;
        }
        return Math.min(i, text.length() - 1);
    }

    private static int skipBlanks(String text, int start) {
        int i = start;
        while (i < text.length() && Character.isWhitespace(text.charAt(i))) {
            i++;
        }
        return i;
    }

    private static void line(int depth, StringBuilder out) {
        out.append('\n').repeat(" ", Math.max(0, depth));
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                default -> {
                    // Angle brackets too: nothing that came over the wire can become markup, whatever a browser makes of it.
                    if (c < ' ' || c == '<' || c == '>' || c == 0x7f || Character.isSurrogate(c) && !paired(text, i)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean paired(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                ? i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                : i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
    }
}
