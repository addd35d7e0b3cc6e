package dev.outrider.xds.resource.type;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.outrider.xds.proto.google.protobuf.ListValue;
import dev.outrider.xds.proto.google.protobuf.Struct;
import dev.outrider.xds.proto.google.protobuf.Value;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages as JSON, with proto field names. Fields marked {@code udpa.annotations.sensitive} are redacted as Envoy does: text
 * becomes {@code [redacted]}, numbers are left out. Messages inside an Any are read without their generated classes, whose reflection
 * would stay in memory after the first dump. Confined to one thread.
 */
public final class MessageJson {

    private static final String REDACTED = "[redacted]";

    /** Of messages inside messages inside Anys; each Any starts the decoder's own count afresh. */
    private static final int MAX_DEPTH = 300;

    /** Inside a TypedStruct no descriptor says what is secret. */
    static final Set<String> SECRET_KEYS = Set.of("private_key", "privateKey", "password", "pkcs12");

    private final StringBuilder out;

    public MessageJson(StringBuilder out) {
        this.out = out;
    }

    /** {@code secret}: the whole of it is redacted. */
    public void any(String typeUrl, ByteString value, int depth, boolean secret) {
        if (typeUrl.isEmpty() && value.isEmpty()) {
            out.append("{}");
            return;
        }
        Message message = depth < MAX_DEPTH ? unpack(typeUrl, value) : null;
        out.append("{\"@type\":");
        string(typeUrl);
        if (message == null) {
            out.append(",\"value\":");
            boolean hidden = secret || typeUrl.contains("transport_sockets.tls");
            string(base64(hidden ? ByteString.copyFromUtf8(REDACTED) : value));
        } else if (isSpecial(message)) {
            out.append(",\"value\":");
            message(message, depth + 1, secret);
        } else {
            fields(message, false, depth + 1, secret);
        }
        out.append('}');
    }

    private static @Nullable Message unpack(String typeUrl, ByteString value) {
        Descriptor type = KnownTypes.find(KnownTypes.shortType(typeUrl));
        try {
            return type == null ? null : DynamicMessage.parseFrom(type, value);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }

    /** The types whose JSON is not an object of their fields. */
    private static boolean isSpecial(Message message) {
        String type = message.getDescriptorForType().getFullName();
        return type.startsWith("google.protobuf.")
                && (isWrapper(type) || Set.of("Duration", "Timestamp", "Struct", "Value", "ListValue", "Any")
                        .contains(message.getDescriptorForType().getName()));
    }

    private static boolean isWrapper(String type) {
        return type.startsWith("google.protobuf.") && type.endsWith("Value")
                && !type.equals("google.protobuf.Value") && !type.equals("google.protobuf.ListValue");
    }

    public void message(Message message, int depth, boolean secret) {
        String type = message.getDescriptorForType().getFullName();
        if (depth > MAX_DEPTH) {
            out.append("{}");
        } else if (isWrapper(type)) {
            FieldDescriptor field = message.getDescriptorForType().findFieldByNumber(1);
            scalar(field, message.getField(field), depth, secret);
        } else if (!type.startsWith("google.protobuf.") || !wellKnown(message, type, depth, secret)) {
            out.append('{');
            fields(message, true, depth, secret);
            out.append('}');
        }
    }

    private boolean wellKnown(Message message, String type, int depth, boolean secret) {
        switch (type) {
            case "google.protobuf.Any" -> any(TypeFields.text(message, 1), TypeFields.bytes(message, 2), depth, secret);
            case "google.protobuf.Duration" -> duration(TypeFields.seconds(message), TypeFields.nanos(message));
            case "google.protobuf.Timestamp" -> timestamp(TypeFields.seconds(message), TypeFields.nanos(message));
            case "google.protobuf.Struct" -> struct(typed(message, Struct.getDefaultInstance()), depth, secret);
            case "google.protobuf.Value" -> value(typed(message, Value.getDefaultInstance()), depth, secret);
            case "google.protobuf.ListValue" -> list(typed(message, ListValue.getDefaultInstance()), depth, secret);
            default -> {
                return false;
            }
        }
        return true;
    }

    @SuppressWarnings("unchecked") // the parser is the prototype's own
    private static <M extends MessageLite> M typed(Message message, M prototype) {
        try {
            return (M) prototype.getParserForType().parseFrom(message.toByteString());
        } catch (InvalidProtocolBufferException e) {
            return prototype;
        }
    }

    private void fields(Message message, boolean first, int depth, boolean secret) {
        boolean comma = !first;
        for (Map.Entry<FieldDescriptor, Object> entry : message.getAllFields().entrySet()) {
            FieldDescriptor field = entry.getKey();
            boolean hidden = secret || TypeFields.isSensitive(field);
            if (hidden && !isRedactable(field)) {
                continue;
            }
            if (comma) {
                out.append(',');
            }
            comma = true;
            string(field.getName());
            out.append(':');
            if (field.isMapField()) {
                map((List<?>) entry.getValue(), depth, hidden);
            } else if (field.isRepeated()) {
                repeated(field, (List<?>) entry.getValue(), depth, hidden);
            } else {
                scalar(field, entry.getValue(), depth, hidden);
            }
        }
    }

    private static boolean isRedactable(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case STRING, BYTE_STRING, MESSAGE -> true;
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN, ENUM -> false;
        };
    }

    private void repeated(FieldDescriptor field, List<?> values, int depth, boolean secret) {
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            scalar(field, values.get(i), depth, secret);
        }
        out.append(']');
    }

    private void map(List<?> entries, int depth, boolean secret) {
        // On the wire a key may come twice, and the last one counts.
        Map<Object, Message> last = new LinkedHashMap<>();
        for (Object one : entries) {
            Message entry = (Message) one;
            last.put(entry.getField(entry.getDescriptorForType().findFieldByNumber(1)), entry);
        }
        out.append('{');
        boolean comma = false;
        for (Map.Entry<Object, Message> one : last.entrySet()) {
            Message entry = one.getValue();
            FieldDescriptor value = entry.getDescriptorForType().findFieldByNumber(2);
            if (comma) {
                out.append(',');
            }
            comma = true;
            string(String.valueOf(one.getKey()));
            out.append(':');
            scalar(value, entry.getField(value), depth, secret);
        }
        out.append('}');
    }

    private void scalar(FieldDescriptor field, Object value, int depth, boolean secret) {
        switch (field.getType()) {
            case STRING -> string(secret ? REDACTED : (String) value);
            case BYTES -> string(base64(secret ? ByteString.copyFromUtf8(REDACTED) : (ByteString) value));
            case BOOL -> out.append((boolean) value);
            case INT32, SINT32, SFIXED32 -> out.append((int) value);
            case UINT32, FIXED32 -> out.append(Integer.toUnsignedLong((int) value));
            case INT64, SINT64, SFIXED64 -> out.append('"').append((long) value).append('"');
            case UINT64, FIXED64 -> out.append('"').append(Long.toUnsignedString((long) value)).append('"');
            case FLOAT -> number((float) value);
            case DOUBLE -> number((double) value);
            case ENUM -> enumValue((EnumValueDescriptor) value);
            case MESSAGE, GROUP -> message((Message) value, depth + 1, secret);
        }
    }

    private void enumValue(EnumValueDescriptor value) {
        if (value.getType().getFullName().equals("google.protobuf.NullValue")) {
            out.append("null");
        } else if (value.getIndex() < 0) {
            out.append(value.getNumber());
        } else {
            string(value.getName());
        }
    }

    private void number(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            string(Double.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
        } else if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            out.append((long) value);
        } else {
            out.append(value);
        }
    }

    private void duration(long seconds, int nanos) {
        out.append('"');
        if (seconds < 0 || nanos < 0) {
            out.append('-');
        }
        out.append(Math.abs(seconds));
        fraction(Math.abs(nanos));
        out.append("s\"");
    }

    /** None, three, six or nine digits. */
    private void fraction(int nanos) {
        if (nanos != 0) {
            String digits = String.format(Locale.ROOT, "%09d", nanos);
            out.append('.').append(digits, 0, nanos % 1_000_000 == 0 ? 3 : nanos % 1000 == 0 ? 6 : 9);
        }
    }

    private void timestamp(long seconds, int nanos) {
        string(Instant.ofEpochSecond(Math.clamp(seconds, -62_135_596_800L, 253_402_300_799L), Math.clamp(nanos, 0, 999_999_999)).toString());
    }

    private void struct(Struct struct, int depth, boolean secret) {
        out.append('{');
        boolean comma = false;
        for (Map.Entry<String, Value> entry : struct.getFieldsMap().entrySet()) {
            if (comma) {
                out.append(',');
            }
            comma = true;
            string(entry.getKey());
            out.append(':');
            value(entry.getValue(), depth + 1, secret || SECRET_KEYS.contains(entry.getKey()));
        }
        out.append('}');
    }

    private void value(Value value, int depth, boolean secret) {
        if (depth > MAX_DEPTH) {
            out.append("null");
            return;
        }
        switch (value.getKindCase()) {
            case NULL_VALUE, KIND_NOT_SET -> out.append("null");
            case NUMBER_VALUE -> number(secret ? 0 : value.getNumberValue());
            case BOOL_VALUE -> out.append(!secret && value.getBoolValue());
            case STRING_VALUE -> string(secret ? REDACTED : value.getStringValue());
            case STRUCT_VALUE -> struct(value.getStructValue(), depth + 1, secret);
            case LIST_VALUE -> list(value.getListValue(), depth + 1, secret);
        }
    }

    private void list(ListValue list, int depth, boolean secret) {
        out.append('[');
        for (int i = 0; i < list.getValuesCount(); i++) {
            if (i > 0) {
                out.append(',');
            }
            value(list.getValues(i), depth + 1, secret);
        }
        out.append(']');
    }

    private static String base64(ByteString bytes) {
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || c == 0x7f || c == 0x2028 || c == 0x2029 || c == '<' || c == '>' || Character.isSurrogate(c)) {
                        surrogateOrEscape(text, i, c);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private void surrogateOrEscape(String text, int i, char c) {
        boolean pair = Character.isHighSurrogate(c) && i + 1 < text.length() && Character.isLowSurrogate(text.charAt(i + 1))
                || Character.isLowSurrogate(c) && i > 0 && Character.isHighSurrogate(text.charAt(i - 1));
        if (pair) {
            out.append(c);
        } else {
            out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
        }
    }
}
