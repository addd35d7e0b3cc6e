package dev.outrider.xds.resource.type;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Message types with those fields only that one text has members for: enough to read it. A bootstrap's type refers to half of the API, and to link all of
 * that would be the longest part of a start. One thread.
 */
public final class TypeExcerpt {

    /** Of a map's entries. */
    private static final Set<String> ALWAYS = Set.of("key", "value");

    /** Protobuf's own types, whose JSON is not an object of their fields. */
    private static final String SPECIAL = "google/protobuf/";

    private final TypeFiles files;
    private final Set<String> members;
    private final Map<String, FileDescriptor> linked = new HashMap<>();

    TypeExcerpt(TypeFiles files, Set<String> members) {
        this.files = files;
        this.members = members.stream().map(TypeExcerpt::plain).collect(Collectors.toSet());
    }

    /** JSON names a field as it is declared, or in camel case. */
    private static String plain(String member) {
        return member.replace("_", "").toLowerCase(Locale.ROOT);
    }

    /** Null where the type is not known here. {@code type}: a full name. */
    public @Nullable Descriptor find(String type) {
        String file = files.fileOf(type);
        Descriptor found = file == null ? null : link(file).findMessageTypeByName(files.outermost(type));
        for (String name : file == null ? List.<String>of() : files.below(type)) {
            found = found == null ? null : found.findNestedTypeByName(name);
        }
        return found;
    }

    private FileDescriptor link(String name) {
        FileDescriptor known = linked.get(name);
        if (known != null) {
            return known;
        }
        try {
            FileDescriptorProto.Builder file = files.read(name).toBuilder()
                    .clearDependency().clearPublicDependency().clearWeakDependency().clearService().clearExtension();
            if (!name.startsWith(SPECIAL)) {
                file.getMessageTypeBuilderList().forEach(this::reduce);
            }
            Set<String> needed = new LinkedHashSet<>();
            file.getMessageTypeList().forEach(message -> needs(message, needed));
            needed.remove(name);
            FileDescriptor[] imports = needed.stream().map(this::link).toArray(FileDescriptor[]::new);
            FileDescriptor descriptor = FileDescriptor.buildFrom(file.addAllDependency(needed).build(), imports);
            linked.put(name, descriptor);
            return descriptor;
        } catch (InvalidProtocolBufferException | DescriptorValidationException e) {
            throw new IllegalStateException("the descriptors are damaged at " + name, e);
        }
    }

    /** A oneof without fields is left out too, as those of optional fields must stay the last. */
    private void reduce(DescriptorProto.Builder message) {
        List<FieldDescriptorProto> kept = message.getFieldList().stream()
                .filter(field -> ALWAYS.contains(field.getName()) || members.contains(plain(field.getName()))).toList();
        Map<Integer, Integer> oneofs = new TreeMap<>();
        kept.stream().filter(FieldDescriptorProto::hasOneofIndex).forEach(field -> oneofs.put(field.getOneofIndex(), 0));
        var declared = message.getOneofDeclList();
        message.clearField().clearOneofDecl().clearExtension();
        oneofs.replaceAll((before, unused) -> message.addOneofDecl(declared.get(before)).getOneofDeclCount() - 1);
        for (FieldDescriptorProto field : kept) {
            message.addField(field.hasOneofIndex() ? field.toBuilder().setOneofIndex(oneofs.getOrDefault(field.getOneofIndex(), 0)).build() : field);
        }
        message.getNestedTypeBuilderList().forEach(this::reduce);
    }

    private void needs(DescriptorProto message, Set<String> into) {
        for (FieldDescriptorProto field : message.getFieldList()) {
            String file = field.hasTypeName() ? files.fileOf(field.getTypeName().substring(1)) : null;
            if (file != null) {
                into.add(file);
            }
        }
        message.getNestedTypeList().forEach(nested -> needs(nested, into));
    }
}
