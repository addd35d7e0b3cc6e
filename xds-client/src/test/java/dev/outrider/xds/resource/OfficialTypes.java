package dev.outrider.xds.resource;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Internal;
import com.google.protobuf.Message;
import dev.outrider.xds.resource.type.KnownTypes;
import java.util.Objects;

/** Descriptors of Envoy's types from Envoy's own generated classes; of Istio's, which have none, our own. */
final class OfficialTypes {

    private OfficialTypes() {}

    static Descriptor find(String type) {
        String javaPackage = type.startsWith("envoy.tcp.") ? null
                : type.startsWith("envoy.") ? "io.envoyproxy."
                : type.startsWith("udpa.") ? "com.github.udpa."
                : type.startsWith("xds.") ? "com.github."
                : type.startsWith("google.") ? "com." : null;
        if (javaPackage == null) {
            return Objects.requireNonNull(KnownTypes.find(type), type);
        }
        try {
            return Internal.getDefaultInstance(Class.forName(javaPackage + type).asSubclass(Message.class)).getDescriptorForType();
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException(type, e);
        }
    }
}
