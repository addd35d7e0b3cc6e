package dev.outrider.xds;

import com.google.protobuf.Message;
import com.google.protobuf.MessageLite;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.resource.type.KnownTypes;

/** Resources as the client gets them, whether tests build them by our classes or by Envoy's own. */
final class Packed {

    private Packed() {}

    static Any of(MessageLite message) {
        String type = message instanceof Message full ? full.getDescriptorForType().getFullName() : KnownTypes.nameOf(message);
        return Any.newBuilder()
                .setTypeUrl("type.googleapis.com/" + type)
                .setValue(message.toByteString())
                .build();
    }
}
