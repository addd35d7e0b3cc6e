package dev.outrider.xds.resource.type;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.outrider.xds.proto.google.protobuf.Struct;
import dev.outrider.xds.proto.google.protobuf.Value;
import java.util.List;
import java.util.Map;

/** Finds what must not leave the process: fields that Envoy marks as sensitive, wherever they are nested. Any thread. */
public final class KeyMaterial {

    private static final int MAX_DEPTH = 100;

    private KeyMaterial() {}

    /** Whether a resource holds any. What cannot be read, or is of an unknown type, may. */
    public static boolean in(String typeUrl, byte[] wire) {
        return in(typeUrl, ByteString.copyFrom(wire), 0);
    }

    private static boolean in(String typeUrl, ByteString wire, int depth) {
        if (typeUrl.isEmpty() && wire.isEmpty()) {
            return false;
        }
        Descriptor type = KnownTypes.find(KnownTypes.shortType(typeUrl));
        try {
            return type == null || in(DynamicMessage.parseFrom(type, wire), depth + 1);
        } catch (InvalidProtocolBufferException e) {
            return true;
        }
    }

    private static boolean in(Message message, int depth) throws InvalidProtocolBufferException {
        return depth > MAX_DEPTH || switch (message.getDescriptorForType().getFullName()) {
            case "google.protobuf.Any" -> in(TypeFields.text(message, 1), TypeFields.bytes(message, 2), depth);
            case "google.protobuf.Struct" -> inStruct(Struct.parseFrom(message.toByteString()), depth);
            case "google.protobuf.Value" -> inValue(Value.parseFrom(message.toByteString()), depth);
            default -> inFields(message, depth);
        };
    }

    private static boolean inFields(Message message, int depth) throws InvalidProtocolBufferException {
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            if (TypeFields.isSensitive(field)) {
                // The name of a file is no secret.
                if (!(entry.getValue() instanceof Message source && TypeFields.isFile(source))) {
                    return true;
                }
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                List<?> all = field.isRepeated() ? (List<?>) entry.getValue() : List.of(entry.getValue());
                for (Object one : all) {
                    if (in((Message) one, depth + 1)) {
                        return true;
                    }
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
