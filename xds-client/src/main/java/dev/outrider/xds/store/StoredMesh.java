package dev.outrider.xds.store;

import dev.outrider.xds.model.Bytes;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * What a control plane sent and was accepted, as it was sent. Immutable.
 *
 * @param node whose configuration it is
 * @param versions of the last accepted response, by type URL
 */
public record StoredMesh(String node, Instant saved, Map<String, String> versions, List<Resource> resources) {

    public record Resource(String typeUrl, String name, String version, Bytes wire) {}
}
