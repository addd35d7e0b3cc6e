package dev.outrider.xds.resource.part;

import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.proto.google.protobuf.Struct;
import dev.outrider.xds.proto.google.protobuf.Value;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** google.protobuf.Struct and Envoy's metadata as plain, unmodifiable trees. Depth is bounded by the decoder. Any thread. */
public final class Trees {

    private Trees() {}

    public static Metadata metadata(dev.outrider.xds.proto.envoy.config.core.v3.Metadata metadata) {
        if (metadata.getFilterMetadataCount() == 0) {
            return Metadata.EMPTY;
        }
        Map<String, Map<String, @Nullable Object>> filters = new LinkedHashMap<>();
        metadata.getFilterMetadataMap().forEach((filter, struct) -> filters.put(filter, map(struct)));
        return new Metadata(Collections.unmodifiableMap(filters));
    }

    public static Map<String, @Nullable Object> map(Struct struct) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        struct.getFieldsMap().forEach((key, value) -> map.put(key, value(value)));
        return Collections.unmodifiableMap(map);
    }

    public static @Nullable Object value(Value value) {
        return switch (value.getKindCase()) {
            case NULL_VALUE, KIND_NOT_SET -> null;
            case NUMBER_VALUE -> value.getNumberValue();
            case STRING_VALUE -> value.getStringValue();
            case BOOL_VALUE -> value.getBoolValue();
            case STRUCT_VALUE -> map(value.getStructValue());
            case LIST_VALUE -> list(value.getListValue().getValuesList());
        };
    }

    private static List<@Nullable Object> list(List<Value> values) {
        List<@Nullable Object> list = new ArrayList<>(values.size());
        values.forEach(v -> list.add(value(v)));
        return Collections.unmodifiableList(list);
    }

    /** The pairs of one filter's metadata as text, as subset and transport-socket matches compare them. */
    public static Map<String, String> pairs(Struct struct) {
        Map<String, String> pairs = new LinkedHashMap<>();
        struct.getFieldsMap().forEach((key, value) -> pairs.put(key, String.valueOf(value(value))));
        return Collections.unmodifiableMap(pairs);
    }
}
