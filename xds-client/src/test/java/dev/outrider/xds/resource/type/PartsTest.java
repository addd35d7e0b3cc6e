package dev.outrider.xds.resource.type;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.OneofDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What src/main/protobuf/parts says of Envoy's messages is what Envoy's own files say. */
class PartsTest {

    @Test
    void everyPartIsAsInTheWhole() throws IOException, DescriptorValidationException {
        Map<String, FileDescriptor> parts = new HashMap<>();
        try (InputStream in = Objects.requireNonNull(PartsTest.class.getResourceAsStream("parts.pb"))) {
            // Imports come before those that import them.
            for (FileDescriptorProto file : FileDescriptorSet.parseFrom(in).getFileList()) {
                FileDescriptor[] imports = file.getDependencyList().stream().map(parts::get).toArray(FileDescriptor[]::new);
                parts.put(file.getName(), FileDescriptor.buildFrom(file, imports));
            }
        }
        assertTrue(parts.size() > 50, "only " + parts.keySet());
        parts.values().forEach(file -> file.getMessageTypes().forEach(PartsTest::compare));
    }

    private static void compare(Descriptor part) {
        Descriptor whole = KnownTypes.find(part.getFullName());
        assertNotNull(whole, part.getFullName());
        for (FieldDescriptor field : part.getFields()) {
            FieldDescriptor same = whole.findFieldByNumber(field.getNumber());
            assertNotNull(same, field.getFullName());
            assertEquals(description(same), description(field));
            if (field.getType() == FieldDescriptor.Type.ENUM) {
                assertEquals(values(same.getEnumType()), values(field.getEnumType()), field.getFullName());
            }
        }
        part.getNestedTypes().forEach(PartsTest::compare);
    }

    private static String description(FieldDescriptor field) {
        OneofDescriptor oneof = field.getContainingOneof();
        return field.getFullName() + " " + field.getType() + (field.isRepeated() ? " repeated" : "") + (field.hasPresence() ? " present" : "")
                + (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE ? " " + field.getMessageType().getFullName() : "")
                + (oneof == null ? "" : " of " + oneof.getName());
    }

    private static List<String> values(EnumDescriptor type) {
        return type.getValues().stream().map(value -> value.getName() + " = " + value.getNumber()).toList();
    }
}
