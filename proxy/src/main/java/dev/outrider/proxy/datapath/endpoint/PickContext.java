package dev.outrider.proxy.datapath.endpoint;

import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a host is chosen by.
 *
 * @param hash of the hash policies, null = none
 * @param originalDestination of the downstream connection, for ORIGINAL_DST clusters
 * @param avoid hosts already tried; avoided while {@code reselections} lasts
 * @param metadataMatch subset that a route asks for, empty = any
 */
public record PickContext(
        @Nullable Long hash,
        @Nullable InetSocketAddress originalDestination,
        Collection<Host> avoid,
        int reselections,
        Map<String, String> metadataMatch) {

    public static final PickContext PLAIN = new PickContext(null, null, List.of(), 0, Map.of());
}
