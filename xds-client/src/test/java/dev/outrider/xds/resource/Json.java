package dev.outrider.xds.resource;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.outrider.xds.resource.part.KnownTypes;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Messages written as JSON with single quotes; {@code @<type>} inside an Any stands for its {@code @type} member. */
final class Json {

    private static final Pattern TYPE = Pattern.compile("\"@type\":\\s*\"type.googleapis.com/([^\"]+)\"");

    private Json() {}

    @SuppressWarnings("unchecked")
    static <M extends Message> M read(M prototype, String json) {
        String text = json.replace('\'', '"').replaceAll("@<([^>]+)>", "\"@type\":\"type.googleapis.com/$1\"");
        JsonFormat.TypeRegistry.Builder types = JsonFormat.TypeRegistry.newBuilder();
        Matcher type = TYPE.matcher(text);
        while (type.find()) {
            types.add(Objects.requireNonNull(KnownTypes.prototype(type.group(1)), type.group(1)).getDescriptorForType());
        }
        Message.Builder builder = prototype.newBuilderForType();
        try {
            JsonFormat.parser().usingTypeRegistry(types.build()).merge(text, builder);
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(text, e);
        }
        return (M) builder.build();
    }
}
