package dev.outrider.proxy.connection;

import java.util.Map;

/** What Istio's metadata exchange tells of a workload. "" where unknown. Immutable. {@code id} is the peer's node id. */
public record PeerMetadata(
        String id,
        String name,
        String namespace,
        String workload,
        String owner,
        String cluster,
        String identity,
        String canonicalName,
        String canonicalRevision,
        String app,
        String version,
        Map<String, String> labels) {}
