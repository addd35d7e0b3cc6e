package dev.outrider.proxy.mesh;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import dev.outrider.xds.resource.type.KnownTypes;
import org.jspecify.annotations.Nullable;

/** Messages of Envoy's types by Envoy's own generated classes; of Istio's, which have none, by descriptor. */
final class OfficialTypes {

    private OfficialTypes() {}

    /** An empty message of this type, or null where the type is not known. */
    static @Nullable Message prototype(String type) {
        String javaPackage = type.startsWith("envoy.tcp.") ? null
                : type.startsWith("envoy.") ? "io.envoyproxy."
                : type.startsWith("udpa.") ? "com.github.udpa."
                : type.startsWith("xds.") ? "com.github."
                : type.startsWith("google.") ? "com." : null;
        if (javaPackage == null) {
            Descriptor known = KnownTypes.find(type);
            return known == null ? null : DynamicMessage.getDefaultInstance(known);
        }
        try {
            return Internal.getDefaultInstance(Class.forName(javaPackage + type).asSubclass(Message.class));
        } catch (ClassNotFoundException e) {
            return null;
        }
    }
}
