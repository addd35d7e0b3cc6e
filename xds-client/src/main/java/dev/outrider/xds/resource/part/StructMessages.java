package dev.outrider.xds.resource.part;

import com.google.protobuf.ByteString;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.util.JsonFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The messages that TypedStructs stand for. The way there leads through JSON and costs a hundred times what decoding does, and istiod
 * sends the same few on every cluster and chain: each is converted once. Any thread.
 */
final class StructMessages {

    /** A default mesh has four; what does not fit is converted each time. */
    private static final int MAX_REMEMBERED = 256;

    private static final int MAX_BYTES = 4096;

    private static final Map<Key, Message> CONVERTED = new ConcurrentHashMap<>();

    private StructMessages() {}

    private record Key(ByteString typedStruct, String type) {}

    /** {@code typedStruct} is the wire form of what holds {@code struct}. */
    static Message read(ByteString typedStruct, Struct struct, Message prototype) throws InvalidProtocolBufferException {
        Key key = new Key(typedStruct, prototype.getDescriptorForType().getFullName());
        Message known = CONVERTED.get(key);
        if (known != null) {
            return known;
        }
        DynamicMessage.Builder fields = DynamicMessage.newBuilder(prototype.getDescriptorForType());
        JsonFormat.parser().ignoringUnknownFields().usingTypeRegistry(KnownTypes.registryFor(struct))
                .merge(JsonFormat.printer().print(struct), fields);
        Message message = prototype.getParserForType().parseFrom(fields.build().toByteString());
        if (typedStruct.size() <= MAX_BYTES && CONVERTED.size() < MAX_REMEMBERED) {
            CONVERTED.put(new Key(ByteString.copyFrom(typedStruct.toByteArray()), key.type()), message);
        }
        return message;
    }
}
