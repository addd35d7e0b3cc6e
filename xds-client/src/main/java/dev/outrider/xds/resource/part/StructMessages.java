package dev.outrider.xds.resource.part;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.util.JsonFormat;
import dev.outrider.xds.proto.google.protobuf.Struct;
import dev.outrider.xds.resource.type.KnownTypes;
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

    private static final Map<Key, MessageLite> CONVERTED = new ConcurrentHashMap<>();

    private static final Gson GSON = new GsonBuilder().serializeNulls().create();

    private StructMessages() {}

    private record Key(ByteString typedStruct, String type) {}

    /** {@code typedStruct} is the wire form of what holds {@code struct}. */
    static MessageLite read(ByteString typedStruct, Struct struct, MessageLite prototype) throws InvalidProtocolBufferException {
        Key key = new Key(typedStruct, KnownTypes.nameOf(prototype));
        MessageLite known = CONVERTED.get(key);
        if (known != null) {
            return known;
        }
        Descriptor type = KnownTypes.find(key.type());
        if (type == null) {
            throw new InvalidProtocolBufferException("type '" + key.type() + "' is not known");
        }
        DynamicMessage.Builder fields = DynamicMessage.newBuilder(type);
        JsonFormat.parser().ignoringUnknownFields().usingTypeRegistry(KnownTypes.registryFor(struct))
                .merge(GSON.toJson(Trees.map(struct)), fields);
        MessageLite message = prototype.getParserForType().parseFrom(fields.build().toByteString());
        if (typedStruct.size() <= MAX_BYTES && CONVERTED.size() < MAX_REMEMBERED) {
            CONVERTED.put(new Key(ByteString.copyFrom(typedStruct.toByteArray()), key.type()), message);
        }
        return message;
    }
}
