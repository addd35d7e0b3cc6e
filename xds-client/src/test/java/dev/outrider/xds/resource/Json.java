package dev.outrider.xds.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import dev.outrider.xds.bootstrap.TreeText;
import dev.outrider.xds.resource.type.KnownTypes;

/** Messages written as JSON with single quotes; {@code @<type>} inside an Any stands for its {@code @type} member. */
final class Json {

    private Json() {}

    @SuppressWarnings("unchecked")
    static <M extends MessageLite> M read(M prototype, String json) {
        String text = json.replace('\'', '"').replaceAll("@<([^>]+)>", "\"@type\":\"type.googleapis.com/$1\"");
        try {
            return (M) prototype.getParserForType().parseFrom(TreeText.read(text, KnownTypes.nameOf(prototype), false));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
