package dev.outrider.proxy.demo;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.outrider.xds.bootstrap.TreeText;

/** Reads xDS resources from the demo's JSON. */
final class ResourceJson {

    private ResourceJson() {}

    /** Merges into {@code builder} and returns it. */
    static <B extends Message.Builder> B read(String json, B builder) {
        try {
            builder.mergeFrom(TreeText.read(json, builder.getDescriptorForType().getFullName(), false));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the demo's own configuration is wrong: " + e.getMessage(), e);
        }
        return builder;
    }
}
