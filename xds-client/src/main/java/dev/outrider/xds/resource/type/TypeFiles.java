package dev.outrider.xds.resource.type;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The build's descriptors of the whole API, a {@code google.protobuf.FileDescriptorSet}. Of its 640 files only those are linked that a type
 * that is asked for is made of. Any thread.
 */
final class TypeFiles {

    private static final String RESOURCE = "types.pb";

    /** Names come from the wire, and each dot is a step of the search; the longest real one has 135 characters. */
    private static final int MAX_NAME = 300;

    private final Map<String, ByteString> wires = new HashMap<>();
    private final Map<String, String> fileOfType = new HashMap<>();
    private final Map<String, FileDescriptor> linked = new HashMap<>();

    private TypeFiles() {}

    static TypeFiles load() {
        TypeFiles files = new TypeFiles();
        try (InputStream in = TypeFiles.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException(RESOURCE + " is missing: the build makes it");
            }
            CodedInputStream set = UnsafeByteOperations.unsafeWrap(in.readAllBytes()).newCodedInput();
            set.enableAliasing(true);
            while (set.readTag() != 0) {
                files.index(set.readBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    /** Notes what {@code file} is called and which types are its own; everything else of it stays unread. */
    private void index(ByteString file) throws IOException {
        String name = text(file, FileDescriptorProto.NAME_FIELD_NUMBER);
        String prefix = text(file, FileDescriptorProto.PACKAGE_FIELD_NUMBER);
        wires.put(name, file);
        CodedInputStream in = file.newCodedInput();
        in.enableAliasing(true);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            if (field == FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER || field == FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER) {
                String type = text(in.readBytes(), FileDescriptorProto.NAME_FIELD_NUMBER);
                fileOfType.put(prefix.isEmpty() ? type : prefix + "." + type, name);
            } else {
                in.skipField(tag);
            }
        }
    }

    /** The first field of this number, which is text; empty without one. */
    private static String text(ByteString message, int field) throws IOException {
        CodedInputStream in = message.newCodedInput();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (WireFormat.getTagFieldNumber(tag) == field) {
                return in.readString();
            }
            in.skipField(tag);
        }
        return "";
    }

    /** Where a message or enum, or what it is nested in, is declared. */
    @Nullable String fileOf(String type) {
        return fileOfType.get(declared(type));
    }

    /** The file's own part of the name: what is left of the type's name without what is nested in it. */
    private String declared(String type) {
        String outer = type;
        while (!fileOfType.containsKey(outer) && outer.indexOf('.') > 0) {
            outer = outer.substring(0, outer.lastIndexOf('.'));
        }
        return outer;
    }

    /** The last part of the name of what a file declares. */
    String outermost(String type) {
        String outer = declared(type);
        return outer.substring(outer.lastIndexOf('.') + 1);
    }

    /** The names by which the type is nested in that. */
    List<String> below(String type) {
        String outer = declared(type);
        return outer.length() == type.length() ? List.of() : List.of(type.substring(outer.length() + 1).split("\\.", -1));
    }

    FileDescriptorProto read(String name) throws InvalidProtocolBufferException {
        return FileDescriptorProto.parseFrom(wires.getOrDefault(name, ByteString.EMPTY));
    }

    synchronized @Nullable Descriptor find(String type) {
        if (type.length() > MAX_NAME) {
            return null;
        }
        String file = fileOfType.get(type);
        if (file != null) {
            return link(file).findMessageTypeByName(type.substring(type.lastIndexOf('.') + 1));
        }
        int dot = type.lastIndexOf('.');
        Descriptor outer = dot < 0 ? null : find(type.substring(0, dot));
        return outer == null ? null : outer.findNestedTypeByName(type.substring(dot + 1));
    }

    private FileDescriptor link(String name) {
        FileDescriptor known = linked.get(name);
        if (known != null) {
            return known;
        }
        try {
            FileDescriptorProto file = read(name);
            FileDescriptor[] imports = file.getDependencyList().stream().map(this::link).toArray(FileDescriptor[]::new);
            FileDescriptor descriptor = FileDescriptor.buildFrom(file, imports);
            linked.put(name, descriptor);
            return descriptor;
        } catch (InvalidProtocolBufferException | DescriptorValidationException e) {
            throw new IllegalStateException(RESOURCE + " is damaged at " + name, e);
        }
    }
}
