package dev.outrider.xds.bootstrap;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.KnownTypes;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a message from YAML, of which JSON is a part, in protobuf's JSON form. Unknown fields are refused unless allowed, as Envoy does
 * for static configuration. The way leads over a message without a class of its own: filling a generated one by name makes the JDK reflect
 * over every accessor of every type below it, megabytes that a sidecar never needs again. Any thread.
 */
public final class TreeText {

    /** A generated bootstrap may hold inline Lua, Wasm or certificates; more than this is a mistake. */
    private static final int MAX_CODE_POINTS = 64 << 20;

    /** Aliases multiply; more than this is an attack. */
    private static final int MAX_ALIASES = 1000;

    private static final Gson GSON = new Gson();

    private TreeText() {}

    /** Fills {@code into}; the answer is what is wrong, in one line, or null. */
    public static @Nullable String read(String text, Message.Builder into, boolean allowUnknownFields) {
        Object tree;
        try {
            tree = new Load(LoadSettings.builder()
                            .setCodePointLimit(MAX_CODE_POINTS)
                            .setMaxAliasesForCollections(MAX_ALIASES)
                            .setAllowDuplicateKeys(false)
                            .build())
                    .loadFromString(text);
        } catch (YamlEngineException e) {
            return "is neither YAML nor JSON: " + oneLine(e.getMessage());
        } catch (StackOverflowError e) {
            return "is nested too deeply";
        }
        if (!(tree instanceof Map)) {
            return "holds no object";
        }
        return merge(tree, into, allowUnknownFields);
    }

    private static @Nullable String merge(Object tree, Message.Builder into, boolean allowUnknownFields) {
        JsonFormat.TypeRegistry.Builder types = JsonFormat.TypeRegistry.newBuilder();
        List<String> unknown = new ArrayList<>();
        try {
            Object plain = plain(tree, types, unknown);
            if (!unknown.isEmpty()) {
                return "type '" + unknown.getFirst() + "' is not known";
            }
            JsonFormat.Parser parser = JsonFormat.parser().usingTypeRegistry(types.build());
            DynamicMessage.Builder fields = DynamicMessage.newBuilder(into.getDescriptorForType());
            (allowUnknownFields ? parser.ignoringUnknownFields() : parser).merge(GSON.toJson(plain), fields);
            into.mergeFrom(fields.build().toByteString());
            return null;
        } catch (InvalidProtocolBufferException | JsonParseException | IllegalArgumentException e) {
            return oneLine(e.getMessage());
        } catch (StackOverflowError e) {
            return "is nested too deeply";
        }
    }

    private static @Nullable Object plain(@Nullable Object node, JsonFormat.TypeRegistry.Builder types, List<String> unknown) {
        if (node instanceof Map<?, ?> map && duration(map)) {
            long nanos = map.get("nanos") instanceof Number number ? number.longValue() : 0;
            long seconds = map.get("seconds") instanceof Number number ? number.longValue() : 0;
            return BigDecimal.valueOf(nanos, 9).add(BigDecimal.valueOf(seconds)).stripTrailingZeros().toPlainString() + "s";
        }
        if (node instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, value) -> {
                if ("@type".equals(key) && value instanceof String url) {
                    Message prototype = KnownTypes.prototype(Extension.shortType(url));
                    if (prototype == null) {
                        unknown.add(url);
                    } else {
                        types.add(prototype.getDescriptorForType());
                    }
                }
                copy.put(String.valueOf(key), plain(value, types, unknown));
            });
            return copy;
        }
        if (node instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>(list.size());
            list.forEach(value -> copy.add(plain(value, types, unknown)));
            return copy;
        }
        return node;
    }

    /** Durations are also written as the fields of the message, which Envoy's own tools do. */
    private static boolean duration(Map<?, ?> map) {
        return !map.isEmpty()
                && map.entrySet().stream().allMatch(entry -> ("seconds".equals(entry.getKey()) || "nanos".equals(entry.getKey()))
                        && entry.getValue() instanceof Number);
    }

    private static String oneLine(@Nullable String text) {
        return text == null ? "cannot be read" : text.strip().replaceAll("\\s*\\R\\s*", ", ");
    }
}
