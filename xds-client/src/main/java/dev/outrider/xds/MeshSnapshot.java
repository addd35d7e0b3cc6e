package dev.outrider.xds;

import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NameTable;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.Secret;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

/**
 * Everything that is in force, at one moment. Immutable; unchanged parts are shared with the snapshot before. Any thread.
 *
 * @param revision grows by one with each snapshot, 0 = nothing yet
 * @param endpoints by EDS service name
 */
public record MeshSnapshot(
        long revision,
        HashPMap<String, Listener> listeners,
        HashPMap<String, RouteConfiguration> routes,
        HashPMap<String, Cluster> clusters,
        HashPMap<String, ClusterLoadAssignment> endpoints,
        HashPMap<String, Secret> secrets,
        NameTable names) {

    public static final MeshSnapshot EMPTY = new MeshSnapshot(
            0, HashTreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty(), HashTreePMap.empty(),
            NameTable.EMPTY);
}
