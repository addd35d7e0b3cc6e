package dev.outrider.xds.resource.part;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import java.util.List;
import java.util.Map;
import udpa.annotations.Sensitive;

/** Finds what must not leave the process: fields that Envoy marks as sensitive, wherever they are nested. Any thread. */
public final class KeyMaterial {

    private static final int MAX_DEPTH = 100;

    private KeyMaterial() {}

    /** Whether a resource holds any. What cannot be read, or is of an unknown type, may. */
    public static boolean in(String typeUrl, byte[] wire) {
        return inAny(Any.newBuilder().setTypeUrl(typeUrl).setValue(ByteString.copyFrom(wire)).build(), 0);
    }

    private static boolean inAny(Any any, int depth) {
        if (any.getTypeUrl().isEmpty() && any.getValue().isEmpty()) {
            return false;
        }
        Message prototype = KnownTypes.prototype(Extension.shortType(any.getTypeUrl()));
        try {
            return prototype == null || in(prototype.getParserForType().parseFrom(any.getValue()), depth + 1);
        } catch (InvalidProtocolBufferException e) {
            return true;
        }
    }

    private static boolean in(Message message, int depth) {
        return switch (message) {
            case Message deep when depth > MAX_DEPTH -> true;
            case Any any -> inAny(any, depth);
            case Struct struct -> inStruct(struct, depth);
            case Value value -> inValue(value, depth);
            default -> inFields(message, depth);
        };
    }

    private static boolean inFields(Message message, int depth) {
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            if (field.getOptions().getExtension(Sensitive.sensitive)) {
                // The name of a file is no secret.
                if (!(entry.getValue() instanceof DataSource source && source.hasFilename())) {
                    return true;
                }
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                List<?> all = field.isRepeated() ? (List<?>) entry.getValue() : List.of(entry.getValue());
                if (all.stream().anyMatch(one -> in((Message) one, depth + 1))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean inStruct(Struct struct, int depth) {
        return struct.getFieldsMap().entrySet().stream()
                .anyMatch(e -> MessageJson.SECRET_KEYS.contains(e.getKey()) || inValue(e.getValue(), depth + 1));
    }

    private static boolean inValue(Value value, int depth) {
        return depth > MAX_DEPTH
                || (value.hasStructValue() && inStruct(value.getStructValue(), depth))
                || (value.hasListValue() && value.getListValue().getValuesList().stream().anyMatch(one -> inValue(one, depth + 1)));
    }
}
