package dev.outrider.xds.resource.part;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.proto.google.protobuf.Struct;
import dev.outrider.xds.resource.type.KnownTypes;
import org.jspecify.annotations.Nullable;

/**
 * A named extension and its configuration, unpacked from {@code Any} and from both kinds of TypedStruct. Any thread.
 *
 * @param bytes the message, or (with {@code struct}) the TypedStruct around it
 * @param type full message name, empty where no configuration was given: then the name alone says what it is
 */
public record Extension(String name, String type, ByteString bytes, @Nullable Struct struct) {

    public static Extension of(String name, Any config, Scope at) {
        String type = KnownTypes.shortType(config.getTypeUrl());
        try {
            return switch (type) {
                case "udpa.type.v1.TypedStruct" -> {
                    var typed = dev.outrider.xds.proto.udpa.type.v1.TypedStruct.parseFrom(config.getValue());
                    yield new Extension(name, KnownTypes.shortType(typed.getTypeUrl()), config.getValue(), typed.getValue());
                }
                case "xds.type.v3.TypedStruct" -> {
                    var typed = dev.outrider.xds.proto.xds.type.v3.TypedStruct.parseFrom(config.getValue());
                    yield new Extension(name, KnownTypes.shortType(typed.getTypeUrl()), config.getValue(), typed.getValue());
                }
                case "google.protobuf.Empty" -> new Extension(name, "", ByteString.EMPTY, null);
                default -> new Extension(name, type, config.getValue(), null);
            };
        } catch (InvalidProtocolBufferException e) {
            at.reject("TypedStruct of '" + name + "' cannot be decoded: " + e.getMessage());
            return new Extension(name, type, ByteString.EMPTY, null);
        }
    }

    /** The configuration as {@code prototype}'s message; its default after a rejection. */
    @SuppressWarnings("unchecked")
    public <M extends MessageLite> M read(M prototype, Scope at) {
        try {
            if (struct == null) {
                return (M) prototype.getParserForType().parseFrom(bytes);
            }
            return (M) StructMessages.read(bytes, struct, prototype);
        } catch (InvalidProtocolBufferException e) {
            at.reject(label() + " cannot be decoded: " + e.getMessage());
            return (M) prototype.getDefaultInstanceForType();
        }
    }

    /** Refuses the resource because this extension could gate, change or route a request. {@code kind}: "filter" and so on. */
    public void unsupported(String kind, Scope at) {
        at.rejectOnce(kind + " " + label() + " is not supported");
    }

    public void ignored(Scope at) {
        at.ignore(name, type);
    }

    public String label() {
        return type.isEmpty() ? "'" + name + "'" : "'" + name + "' (type " + type + ")";
    }
}
