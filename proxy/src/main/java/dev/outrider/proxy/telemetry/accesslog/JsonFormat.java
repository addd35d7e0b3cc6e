package dev.outrider.proxy.telemetry.accesslog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A JSON log format compiled to pieces of text and operators. A value that is one operator is typed: numbers stay numbers, metadata stays
 * a tree, absent is null; anything else is a string. Keys come sorted, as Envoy writes them. Immutable.
 */
final class JsonFormat {

    private sealed interface Node {
        record Fixed(String bytes) implements Node {}

        record Typed(Operator operator) implements Node {}

        record Mixed(Template template) implements Node {}

        /** {@code keys}: each with quotes and colon. */
        record Tree(List<String> keys, List<Node> values) implements Node {}

        record Items(List<Node> values) implements Node {}
    }

    private final Node root;
    private final boolean omitEmpty;

    JsonFormat(Map<String, @Nullable Object> fields, boolean omitEmpty) {
        this.omitEmpty = omitEmpty;
        root = compile(fields, omitEmpty);
    }

    private static Node compile(@Nullable Object value, boolean omitEmpty) {
        return switch (value) {
            case String text -> text(text, omitEmpty);
            case Map<?, ?> map -> {
                TreeMap<String, Node> sorted = new TreeMap<>();
                map.forEach((k, v) -> sorted.put(String.valueOf(k), compile(v, omitEmpty)));
                yield new Node.Tree(sorted.keySet().stream().map(JsonFormat::key).toList(), List.copyOf(sorted.values()));
            }
            case List<?> list -> {
                List<Node> values = new ArrayList<>();
                list.forEach(v -> values.add(compile(v, omitEmpty)));
                yield new Node.Items(values);
            }
            case null, default -> {
                Line out = new Line(32);
                JsonText.value(value, out);
                yield new Node.Fixed(out.toString());
            }
        };
    }

    private static String key(String name) {
        Line out = new Line(32);
        JsonText.string(Template.latin(name), out);
        return out.append(':').toString();
    }

    private static Node text(String text, boolean omitEmpty) {
        Template template = Template.compile(text, omitEmpty);
        String constant = template.constant();
        if (constant != null) {
            Line out = new Line(32);
            JsonText.string(constant, out);
            return new Node.Fixed(out.toString());
        }
        Operator single = template.single();
        return single == null ? new Node.Mixed(template) : new Node.Typed(single);
    }

    void append(LogContext context, Line out) {
        node(root, context, out);
        out.append('\n');
    }

    /** False, and nothing appended, where there is no value and none shall be shown. */
    private boolean node(Node node, LogContext context, Line out) {
        switch (node) {
            case Node.Fixed fixed -> out.append(fixed.bytes);
            case Node.Typed typed -> {
                if (!typed(typed.operator, context, out)) {
                    if (omitEmpty) {
                        return false;
                    }
                    out.append("null");
                }
            }
            case Node.Mixed mixed -> {
                int from = out.append('"').length();
                mixed.template.append(context, out);
                JsonText.close(out, from);
            }
            case Node.Tree tree -> tree(tree, context, out);
            case Node.Items items -> {
                out.append('[');
                for (int i = 0; i < items.values.size(); i++) {
                    out.append(i == 0 ? "" : ",");
                    if (!node(items.values.get(i), context, out)) {
                        out.append("null");
                    }
                }
                out.append(']');
            }
        }
        return true;
    }

    private void tree(Node.Tree tree, LogContext context, Line out) {
        out.append('{');
        boolean first = true;
        for (int i = 0; i < tree.keys.size(); i++) {
            int mark = out.length();
            if (!first) {
                out.append(',');
            }
            out.append(tree.keys.get(i));
            if (node(tree.values.get(i), context, out)) {
                first = false;
            } else {
                out.setLength(mark);
            }
        }
        out.append('}');
    }

    private static boolean typed(Operator operator, LogContext context, Line out) {
        return switch (operator.kind()) {
            case NUMBER -> operator.write(context, out);
            case JSON -> operator.writeJson(context, out);
            case TEXT -> {
                int from = out.append('"').length();
                boolean any = operator.write(context, out);
                if (any) {
                    JsonText.close(out, from);
                } else {
                    out.setLength(from - 1);
                }
                yield any;
            }
        };
    }
}
