package dev.outrider.xds.resource.part;

import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.outrider.xds.proto.alpn.FilterConfig;
import dev.outrider.xds.proto.metadataexchange.MetadataExchange;
import dev.outrider.xds.proto.nds.NameTable;
import dev.outrider.xds.proto.peermetadata.Config;
import dev.outrider.xds.proto.stats.PluginConfig;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Message types by their full name: Istio's few from a list, Envoy's by the rule that names their classes. A class is loaded when its
 * type is first met, so that the thousands of others cost nothing. Any thread.
 */
public final class KnownTypes {

    /** Names come from the wire: no more than this many are remembered. */
    private static final int MAX_REMEMBERED = 1000;

    private static final Map<String, Optional<Message>> FOUND = new ConcurrentHashMap<>();

    private KnownTypes() {}

    /** An empty message of this type, or null where the type is not known here. */
    public static @Nullable Message prototype(String type) {
        Optional<Message> known = FOUND.get(type);
        if (known == null) {
            known = Optional.ofNullable(load(type));
            if (FOUND.size() < MAX_REMEMBERED) {
                FOUND.put(type, known);
            }
        }
        return known.orElse(null);
    }

    private static @Nullable Message load(String type) {
        return switch (type) {
            case "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig" -> FilterConfig.getDefaultInstance();
            case "envoy.tcp.metadataexchange.config.MetadataExchange" -> MetadataExchange.getDefaultInstance();
            case "io.istio.http.peer_metadata.Config" -> Config.getDefaultInstance();
            case "stats.PluginConfig" -> PluginConfig.getDefaultInstance();
            case "istio.networking.nds.v1.NameTable" -> NameTable.getDefaultInstance();
            default -> byClass(type);
        };
    }

    private static @Nullable Message byClass(String type) {
        String javaPackage = type.startsWith("envoy.") ? "io.envoyproxy."
                : type.startsWith("udpa.") ? "com.github.udpa."
                : type.startsWith("xds.") ? "com.github."
                : type.startsWith("google.protobuf.") ? "com." : null;
        if (javaPackage == null || !type.chars().allMatch(c -> Character.isLetterOrDigit(c) || c == '.' || c == '_')) {
            return null;
        }
        try {
            Class<?> found = Class.forName(javaPackage + type, false, KnownTypes.class.getClassLoader());
            return Message.class.isAssignableFrom(found) ? Internal.getDefaultInstance(found.asSubclass(Message.class)) : null;
        } catch (ClassNotFoundException | LinkageError | RuntimeException e) {
            return null;
        }
    }

    /** The types that {@code @type} members inside {@code struct} name. */
    static JsonFormat.TypeRegistry registryFor(Struct struct) {
        JsonFormat.TypeRegistry.Builder registry = JsonFormat.TypeRegistry.newBuilder();
        collect(struct, registry);
        return registry.build();
    }

    private static void collect(Struct struct, JsonFormat.TypeRegistry.Builder registry) {
        struct.getFieldsMap().forEach((name, value) -> {
            if (name.equals("@type")) {
                Message prototype = prototype(Extension.shortType(value.getStringValue()));
                if (prototype != null) {
                    registry.add(prototype.getDescriptorForType());
                }
            }
            collect(value, registry);
        });
    }

    private static void collect(Value value, JsonFormat.TypeRegistry.Builder registry) {
        if (value.hasStructValue()) {
            collect(value.getStructValue(), registry);
        } else if (value.hasListValue()) {
            value.getListValue().getValuesList().forEach(v -> collect(v, registry));
        }
    }
}
