package dev.outrider.proxy.admin.config;

import dev.outrider.proxy.admin.page.JsonTree;
import dev.outrider.proxy.admin.state.AdminState.RawJson;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** google.protobuf.FieldMask over JSON trees; steps go through lists element by element, {@code @type} always stays. */
final class FieldMask {

    /** Field to what is kept below it; an empty node keeps everything. */
    private record Node(Map<String, Node> fields) {}

    private final Node root = new Node(new HashMap<>());

    FieldMask(String paths) {
        for (String path : paths.split(",", -1)) {
            Node node = root;
            for (String step : path.strip().split("\\.", -1)) {
                if (!step.isEmpty()) {
                    node = node.fields.computeIfAbsent(step, s -> new Node(new HashMap<>()));
                }
            }
        }
    }

    @Nullable Object apply(@Nullable Object tree) {
        return apply(tree, root);
    }

    private static @Nullable Object apply(@Nullable Object tree, Node node) {
        if (node.fields.isEmpty()) {
            return tree;
        }
        return switch (tree) {
            case RawJson raw -> apply(JsonTree.parse(raw), node);
            case Map<?, ?> map -> {
                Map<Object, @Nullable Object> kept = new LinkedHashMap<>();
                map.forEach((key, value) -> {
                    Node below = node.fields.get(String.valueOf(key));
                    if (below != null) {
                        kept.put(key, apply(value, below));
                    } else if ("@type".equals(key)) {
                        kept.put(key, value);
                    }
                });
                yield kept;
            }
            case List<?> list -> list.stream().map(e -> apply(e, node)).toList();
            case null, default -> tree;
        };
    }
}
