package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * All clusters by name. Looked up on any loop; {@link #put}, {@link #remove}, {@link #assign} and {@link #close} on the control loop.
 *
 * <p>A changed cluster takes the place of its predecessor when it is warm (Envoy's warming): until its endpoints are known the old one
 * serves. Configuration equal in content changes nothing.
 */
public final class Clusters implements ClusterState.Source, AutoCloseable {

    private final ClusterRuntime runtime;
    private final ConcurrentHashMap<String, LiveCluster> live = new ConcurrentHashMap<>();
    private final Map<String, LiveCluster> warming = new HashMap<>();
    private final Map<String, DnsAssignment> dns = new HashMap<>();
    private final Map<String, ClusterLoadAssignment> assignments = new HashMap<>();
    private final Map<String, Set<String>> byEdsName = new HashMap<>();
    private final Counter added;
    private final Counter modified;
    private final Counter removed;

    public Clusters(ClusterRuntime runtime) {
        this.runtime = runtime;
        added = runtime.stats().counter("cluster_manager.cluster_added");
        modified = runtime.stats().counter("cluster_manager.cluster_modified");
        removed = runtime.stats().counter("cluster_manager.cluster_removed");
        var unusedActive = runtime.stats().gauge("cluster_manager.active_clusters", live::size);
        var unusedWarming = runtime.stats().gauge(
                "cluster_manager.warming_clusters", () -> live.values().stream().filter(c -> !c.warm()).count());
    }

    @Override
    public @Nullable ClusterState cluster(String name) {
        return live.get(name);
    }

    /** For admin. */
    public Collection<ClusterState> all() {
        return List.copyOf(live.values());
    }

    /** Names of clusters that answer 503 because they are not warm. */
    public List<String> cold() {
        return live.values().stream().filter(c -> !c.warm()).map(c -> c.model().name()).sorted().toList();
    }

    /** Adds or changes a cluster. */
    public void put(Cluster model) {
        String name = model.name();
        LiveCluster before = warming.getOrDefault(name, live.get(name));
        if (before != null && before.model().equals(model)) {
            return;
        }
        (before == null ? added : modified).inc();
        forgetSources(name);
        LiveCluster cluster = new LiveCluster(model, runtime);
        if (live.putIfAbsent(name, cluster) != null) {
            warming.put(name, cluster);
        }
        discover(name, model, cluster);
        settle(name);
    }

    private void discover(String name, Cluster model, LiveCluster cluster) {
        ClusterLoadAssignment inline = model.loadAssignment();
        ClusterLoadAssignment given = inline == null ? new ClusterLoadAssignment(name, List.of(), 140) : inline;
        switch (model.discovery()) {
            case STATIC -> cluster.assign(given);
            case EDS -> {
                String eds = edsName(model);
                byEdsName.computeIfAbsent(eds, n -> new LinkedHashSet<>()).add(name);
                ClusterLoadAssignment known = assignments.get(eds);
                if (known != null) {
                    cluster.assign(known);
                }
            }
            case STRICT_DNS, LOGICAL_DNS -> {
                var resolution = new DnsAssignment(model, given, runtime, cluster.stats(), resolved -> {
                    cluster.assign(resolved);
                    settle(name);
                });
                dns.put(name, resolution);
                resolution.start();
            }
            case ORIGINAL_DST -> {}
        }
    }

    private static String edsName(Cluster model) {
        return model.edsServiceName().isEmpty() ? model.name() : model.edsServiceName();
    }

    /** The one that warmed up takes over. */
    private void settle(String name) {
        LiveCluster ready = warming.get(name);
        if (ready != null && ready.warm()) {
            warming.remove(name);
            LiveCluster before = live.put(name, ready);
            if (before != null) {
                before.close();
            }
        }
    }

    public void remove(String name) {
        forgetSources(name);
        LiveCluster waiting = warming.remove(name);
        if (waiting != null) {
            waiting.close();
        }
        LiveCluster gone = live.remove(name);
        if (gone != null) {
            removed.inc();
            gone.close();
            runtime.stats().removePrefix("cluster." + gone.model().statName() + ".");
        }
    }

    private void forgetSources(String name) {
        DnsAssignment resolution = dns.remove(name);
        if (resolution != null) {
            resolution.close();
        }
        LiveCluster before = warming.getOrDefault(name, live.get(name));
        if (before != null && before.model().discovery() == Cluster.Discovery.EDS) {
            String eds = edsName(before.model());
            Set<String> users = byEdsName.get(eds);
            if (users != null) {
                users.remove(name);
                if (users.isEmpty()) {
                    byEdsName.remove(eds);
                }
            }
        }
    }

    /** Endpoints by EDS name. They are remembered for clusters that come later. */
    public void assign(ClusterLoadAssignment assignment) {
        assignments.put(assignment.name(), assignment);
        for (String user : List.copyOf(byEdsName.getOrDefault(assignment.name(), Set.of()))) {
            LiveCluster cluster = warming.getOrDefault(user, live.get(user));
            if (cluster != null) {
                cluster.assign(assignment);
                settle(user);
            }
        }
    }

    /** Endpoints that the control plane no longer has are kept by the clusters that use them, and forgotten for later ones. */
    public void unassign(String edsName) {
        assignments.remove(edsName);
    }

    @Override
    public void close() {
        dns.values().forEach(DnsAssignment::close);
        dns.clear();
        for (LiveCluster cluster : new ArrayList<>(live.values())) {
            cluster.close();
        }
        warming.values().forEach(LiveCluster::close);
        runtime.resolver().close();
    }
}
