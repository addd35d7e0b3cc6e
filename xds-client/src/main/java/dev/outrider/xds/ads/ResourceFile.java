package dev.outrider.xds.ads;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.outrider.xds.bootstrap.TreeText;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DiscoveryResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that holds a DiscoveryResponse: {@code .pb} binary, everything else YAML or JSON. Blocks; not for loops. */
public final class ResourceFile {

    private static final long MAX_BYTES = 64L << 20;

    private ResourceFile() {}

    /** Throws with a reason that names the file; a half-written one is refused whole. */
    public static Delivery read(ResourceType type, Path file) throws IOException {
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + ": is larger than " + MAX_BYTES + " bytes");
        }
        ByteString wire = file.toString().endsWith(".pb") ? ByteString.copyFrom(Files.readAllBytes(file)) : null;
        String text = wire == null ? Files.readString(file) : "";
        try {
            return Deliveries.whole(type, DiscoveryResponse.parseFrom(
                    wire == null ? TreeText.read(text, "envoy.service.discovery.v3.DiscoveryResponse", false) : wire));
        } catch (InvalidProtocolBufferException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }
}
