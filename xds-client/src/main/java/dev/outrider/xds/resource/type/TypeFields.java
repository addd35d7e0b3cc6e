package dev.outrider.xds.resource.type;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;

/** What descriptors tell about fields, and the fields of messages that have no class of their own. Any thread. */
final class TypeFields {

    /** The number of {@code udpa.annotations.sensitive}, an option of fields. */
    private static final int SENSITIVE = 76_569_463;

    private TypeFields() {}

    static boolean isSensitive(FieldDescriptor field) {
        return field.getOptions().getUnknownFields().hasField(SENSITIVE);
    }

    /** Whether it is a DataSource that names a file. */
    static boolean isFile(Message message) {
        return message.getDescriptorForType().getFullName().equals("envoy.config.core.v3.DataSource")
                && message.hasField(message.getDescriptorForType().findFieldByName("filename"));
    }

    static Object value(Message message, int number) {
        return message.getField(message.getDescriptorForType().findFieldByNumber(number));
    }

    static String text(Message message, int number) {
        return (String) value(message, number);
    }

    static ByteString bytes(Message message, int number) {
        return (ByteString) value(message, number);
    }

    static long seconds(Message message) {
        return (long) value(message, 1);
    }

    static int nanos(Message message) {
        return (int) value(message, 2);
    }
}
