package dev.outrider.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.outrider.xds.resource.part.MessageJson;

/**
 * Wire bytes as the JSON of Envoy's {@code /config_dump}: proto field names, nested {@code Any}s expanded, fields that Envoy marks as
 * sensitive redacted. A type that is not known, or bytes that are not of their type, come out as {@code @type} and base64
 * {@code value}. Never throws; types are loaded when first printed. One line, without blanks. Any thread.
 */
public final class AnyJson {

    private AnyJson() {}

    public static String render(String typeUrl, byte[] value) {
        return render(Any.newBuilder().setTypeUrl(typeUrl).setValue(ByteString.copyFrom(value)).build());
    }

    public static String render(Any any) {
        StringBuilder out = new StringBuilder(4 * any.getValue().size() + 64);
        new MessageJson(out).any(any, 0, false);
        return out.toString();
    }

    /** A message by itself, without {@code @type}. */
    public static String render(Message message) {
        StringBuilder out = new StringBuilder(4 * message.getSerializedSize() + 64);
        new MessageJson(out).message(message, 0, false);
        return out.toString();
    }
}
