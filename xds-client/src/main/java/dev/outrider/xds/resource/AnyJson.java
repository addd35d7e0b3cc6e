package dev.outrider.xds.resource;

import com.google.protobuf.ByteString;
import dev.outrider.xds.resource.type.MessageJson;

/**
 * Wire bytes as the JSON of Envoy's {@code /config_dump}: proto field names, nested {@code Any}s expanded, fields that Envoy marks as
 * sensitive redacted. A type that is not known, or bytes that are not of their type, come out as {@code @type} and base64
 * {@code value}. Never throws; types are loaded when printed. One line, without blanks. Any thread.
 */
public final class AnyJson {

    private AnyJson() {}

    public static String render(String typeUrl, byte[] value) {
        StringBuilder out = new StringBuilder(4 * value.length + 64);
        new MessageJson(out).any(typeUrl, ByteString.copyFrom(value), 0, false);
        return out.toString();
    }
}
