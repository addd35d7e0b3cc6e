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
            // JSON strings hold no line ends, so each one found is layout.
            case RawJson raw -> out.append(raw.text().strip().replace("\n", "\n" + " ".repeat(depth)));
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

    private static void line(int depth, StringBuilder out) {
        out.append('\n').repeat(" ", depth);
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
