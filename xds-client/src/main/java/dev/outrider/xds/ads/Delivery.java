package dev.outrider.xds.ads;

import com.google.protobuf.Any;
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
    public record Item(String name, String version, Any resource) {}
}
