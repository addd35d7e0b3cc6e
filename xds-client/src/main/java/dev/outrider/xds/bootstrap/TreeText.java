package dev.outrider.xds.bootstrap;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.outrider.xds.resource.type.KnownTypes;
import dev.outrider.xds.resource.type.TypeExcerpt;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a message from YAML, of which JSON is a part, in protobuf's JSON form. Unknown fields are refused unless allowed, as Envoy does
 * for static configuration. Any thread.
 */
public final class TreeText {

    /** A generated bootstrap may hold inline Lua, Wasm or certificates; more than this is a mistake. */
    private static final int MAX_CODE_POINTS = 64 << 20;

    /** Aliases multiply; more than this is an attack. */
    private static final int MAX_ALIASES = 1000;

    private static final Gson GSON = new Gson();

    private TreeText() {}

    /** The wire bytes of a message of {@code type}, a full name; throws with what is wrong, in one line. */
    public static ByteString read(String text, String type, boolean allowUnknownFields) throws InvalidProtocolBufferException {
        Object tree;
        try {
            tree = new Load(LoadSettings.builder()
                            .setCodePointLimit(MAX_CODE_POINTS)
                            .setMaxAliasesForCollections(MAX_ALIASES)
                            .setAllowDuplicateKeys(false)
                            .build())
                    .loadFromString(text);
        } catch (YamlEngineException e) {
            throw new InvalidProtocolBufferException("is neither YAML nor JSON: " + oneLine(e.getMessage()));
        } catch (StackOverflowError e) {
            throw new InvalidProtocolBufferException("is nested too deeply");
        }
        if (!(tree instanceof Map)) {
            throw new InvalidProtocolBufferException("holds no object");
        }
        return wire(tree, type, allowUnknownFields);
    }

    private static Descriptor known(TypeExcerpt types, String type) throws InvalidProtocolBufferException {
        Descriptor known = types.find(KnownTypes.shortType(type));
        if (known == null) {
            throw new InvalidProtocolBufferException("type '" + type + "' is not known");
        }
        return known;
    }

    private static ByteString wire(Object tree, String type, boolean allowUnknownFields) throws InvalidProtocolBufferException {
        JsonFormat.TypeRegistry.Builder types = JsonFormat.TypeRegistry.newBuilder();
        Set<String> named = new LinkedHashSet<>();
        try {
            Set<String> members = new HashSet<>();
            Object plain = plain(tree, named, members);
            TypeExcerpt excerpt = KnownTypes.excerpt(members);
            for (String url : named) {
                types.add(known(excerpt, url));
            }
            JsonFormat.Parser parser = JsonFormat.parser().usingTypeRegistry(types.build());
            DynamicMessage.Builder fields = DynamicMessage.newBuilder(known(excerpt, type));
            (allowUnknownFields ? parser.ignoringUnknownFields() : parser).merge(GSON.toJson(plain), fields);
            return fields.build().toByteString();
        } catch (InvalidProtocolBufferException | JsonParseException | IllegalArgumentException e) {
            throw new InvalidProtocolBufferException(oneLine(e.getMessage()));
        } catch (StackOverflowError e) {
            throw new InvalidProtocolBufferException("is nested too deeply");
        }
    }

    private static @Nullable Object plain(@Nullable Object node, Set<String> named, Set<String> members) {
        if (node instanceof Map<?, ?> map && duration(map)) {
            long nanos = map.get("nanos") instanceof Number number ? number.longValue() : 0;
            long seconds = map.get("seconds") instanceof Number number ? number.longValue() : 0;
            return BigDecimal.valueOf(nanos, 9).add(BigDecimal.valueOf(seconds)).stripTrailingZeros().toPlainString() + "s";
        }
        if (node instanceof Map<?, ?> map) {
            Map<String, @Nullable Object> copy = new LinkedHashMap<>();
            map.forEach((key, value) -> {
                if ("@type".equals(key) && value instanceof String url) {
                    named.add(url);
                }
                members.add(String.valueOf(key));
                copy.put(String.valueOf(key), plain(value, named, members));
            });
            return copy;
        }
        if (node instanceof List<?> list) {
            List<@Nullable Object> copy = new ArrayList<>(list.size());
            list.forEach(value -> copy.add(plain(value, named, members)));
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
