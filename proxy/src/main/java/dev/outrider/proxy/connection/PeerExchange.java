package dev.outrider.proxy.connection;

import org.jspecify.annotations.Nullable;

/** Istio's metadata exchange on TCP connections, as bytes: what this proxy says of itself, and what a peer said. Any thread. */
public interface PeerExchange {

    /** A serialised {@code google.protobuf.Any} of the Struct {@code {x-envoy-peer-metadata: {...}, x-envoy-peer-metadata-id: "..."}}. */
    byte[] body();

    /** Reads a peer's body; null where it is none. Never throws. */
    @Nullable PeerMetadata read(byte[] body);
}
