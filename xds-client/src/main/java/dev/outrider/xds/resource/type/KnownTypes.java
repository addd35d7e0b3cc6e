package dev.outrider.xds.resource.type;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.MessageLite;
import com.google.protobuf.util.JsonFormat;
import dev.outrider.xds.proto.google.protobuf.Struct;
import dev.outrider.xds.proto.google.protobuf.Value;
import java.lang.ref.WeakReference;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All message types of Envoy's API and Istio's few, by their full name: what JSON is read and written by. They are megabytes that a sidecar
 * needs for moments, so nothing of them is kept beyond the next collection. Any thread.
 */
public final class KnownTypes {

    /** Where protoc puts our messages: what follows is the type's full name. */
    private static final String MESSAGES = "dev.outrider.xds.proto.";

    private static WeakReference<TypeFiles> loaded = new WeakReference<>(null);

    private KnownTypes() {}

    /** Null where the type is not known here. */
    public static @Nullable Descriptor find(String type) {
        return files().find(type);
    }

    /** The types with those fields only that a text with these members has use for. */
    public static TypeExcerpt excerpt(Set<String> members) {
        return new TypeExcerpt(files(), members);
    }

    private static synchronized TypeFiles files() {
        TypeFiles files = loaded.get();
        if (files == null) {
            files = TypeFiles.load();
            loaded = new WeakReference<>(files);
        }
        return files;
    }

    /** What follows the last slash of a type URL. */
    public static String shortType(String typeUrl) {
        return typeUrl.substring(typeUrl.lastIndexOf('/') + 1);
    }

    /** The full name of one of our messages' type. */
    public static String nameOf(MessageLite message) {
        return message.getClass().getName().substring(MESSAGES.length()).replace('$', '.');
    }

    /** The types that {@code @type} members inside {@code struct} name. */
    public static JsonFormat.TypeRegistry registryFor(Struct struct) {
        JsonFormat.TypeRegistry.Builder registry = JsonFormat.TypeRegistry.newBuilder();
        collect(struct, registry);
        return registry.build();
    }

    private static void collect(Struct struct, JsonFormat.TypeRegistry.Builder registry) {
        struct.getFieldsMap().forEach((name, value) -> {
            if (name.equals("@type")) {
                Descriptor type = find(shortType(value.getStringValue()));
                if (type != null) {
                    registry.add(type);
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
