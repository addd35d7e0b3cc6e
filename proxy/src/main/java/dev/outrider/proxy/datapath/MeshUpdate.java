package dev.outrider.proxy.datapath;

import dev.outrider.xds.MeshChange;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.Secret;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is different from the configuration before. Unchanged resources need not be named; naming them does no harm.
 *
 * @param secrets all that are in force, null = as before
 */
public record MeshUpdate(
        Collection<Cluster> clusters,
        Set<String> clustersRemoved,
        Collection<ClusterLoadAssignment> assignments,
        Set<String> assignmentsRemoved,
        Collection<RouteConfiguration> routes,
        Set<String> routesRemoved,
        Collection<Listener> listeners,
        Set<String> listenersRemoved,
        @Nullable Map<String, ? extends Secret> secrets) {

    public static MeshUpdate of(Collection<Cluster> clusters, Collection<Listener> listeners) {
        return new MeshUpdate(clusters, Set.of(), List.of(), Set.of(), List.of(), Set.of(), listeners, Set.of(), null);
    }

    /** What {@code change} names, taken from {@code snapshot}. */
    public static MeshUpdate of(MeshSnapshot snapshot, MeshChange change) {
        return new MeshUpdate(
                pick(snapshot.clusters(), change.clusters()), change.clusters().removed(),
                pick(snapshot.endpoints(), change.endpoints()), change.endpoints().removed(),
                pick(snapshot.routes(), change.routes()), change.routes().removed(),
                pick(snapshot.listeners(), change.listeners()), change.listeners().removed(),
                change.secrets().isEmpty() ? null : snapshot.secrets());
    }

    private static <T> List<T> pick(Map<String, T> all, MeshChange.Names names) {
        List<T> picked = new ArrayList<>(names.changed().size());
        for (String name : names.changed()) {
            T one = all.get(name);
            if (one != null) {
                picked.add(one);
            }
        }
        return picked;
    }
}
