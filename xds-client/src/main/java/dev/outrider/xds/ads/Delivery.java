package dev.outrider.xds.ads;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.outrider.xds.proto.google.protobuf.Any;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * One response, whichever protocol or file it came from.
 *
 * @param whole state of the world: what is not listed is gone
 * @param removed names, in the delta protocol
 */
public record Delivery(ResourceType type, String version, boolean whole, List<Item> items, Set<String> removed) {

    /** {@code name} is empty where the protocol does not tell it: the resource's own then counts. */
    public record Item(String name, String version, Any resource) {

        private static final int NAME_FIELD = 1;

        /**
         * The name as the protocol tells it, else as the bytes do: it is the first field of every resource but the name table, so that one
         * that is known already need not be read to be recognised. Empty where there is none.
         */
        public String resourceName() {
            if (!name.isEmpty() || resource.getTypeUrl().equals(ResourceType.NAME_TABLE.typeUrl())) {
                return name;
            }
            try {
                CodedInputStream in = resource.getValue().newCodedInput();
                int tag = in.readTag();
                while (tag != 0 && WireFormat.getTagFieldNumber(tag) != NAME_FIELD) {
                    if (!in.skipField(tag)) {
                        return "";
                    }
                    tag = in.readTag();
                }
                return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED ? in.readStringRequireUtf8() : "";
            } catch (IOException e) {
                return "";
            }
        }
    }
}
