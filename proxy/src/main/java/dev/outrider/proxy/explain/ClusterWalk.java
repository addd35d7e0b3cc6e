package dev.outrider.proxy.explain;

import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.cluster.EndpointSockets;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.HostHealth;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.ClusterLoadAssignment.Locality;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From a cluster to the endpoint that would be taken: health, place, identity that is expected there. Steps are added to {@code steps}. */
final class ClusterWalk {

    static final String CLUSTER = "cluster";
    static final String ENDPOINT = "endpoint";

    /** A service of hundreds of endpoints is still one screen. */
    private static final int MOST_SHOWN = 10;

    private final DataPath path;
    private final Supplier<MeshSnapshot> mesh;
    private final List<Step> steps;

    ClusterWalk(DataPath path, Supplier<MeshSnapshot> mesh, List<Step> steps) {
        this.path = path;
        this.mesh = mesh;
        this.steps = steps;
    }

    /** Null: there is none, and a step says why. */
    @Nullable Host endpoint(RouteWalk.Choice choice, InetSocketAddress destination) {
        ClusterState cluster = path.clusters().cluster(choice.cluster());
        if (cluster == null) {
            steps.add(Step.problem(CLUSTER, (choice.cluster().isEmpty() ? "none is named" : choice.cluster() + " does not exist") + ": 503 (NC)",
                    "a route leads to a service or subset that the control plane does not send: compare VirtualService and DestinationRule"));
            return null;
        }
        Cluster model = cluster.model();
        cluster(choice, model);
        if (!cluster.warm()) {
            steps.add(Step.problem(ENDPOINT, "the cluster waits for its endpoints: 503", "the control plane has not sent them yet: see outrider status"));
            return null;
        }
        Host picked = cluster.pick(new PickContext(null, destination, List.of(), 0, choice.subset()));
        Collection<Host> hosts = cluster.hosts();
        Map<Address, Locality> places = places(model);
        List<String> lines = new ArrayList<>(hosts.stream().filter(h -> h != picked).limit(MOST_SHOWN).map(h -> line(h, places)).sorted().toList());
        if (hosts.size() > MOST_SHOWN) {
            lines.add("and " + (hosts.size() - MOST_SHOWN) + " more");
        }
        if (picked == null) {
            steps.add(new Step(ENDPOINT, Step.Level.PROBLEM, hosts.isEmpty() ? "the cluster has none: 503 (UH)" : "none of " + hosts.size() + " is usable: 503 (UH)",
                    lines, remedy(model, hosts)));
            return null;
        }
        steps.add(Step.ok(ENDPOINT, line(picked, places) + (hosts.size() > 1 ? ", one of " + hosts.size() : ""),
                Stream.concat(expected(EndpointSockets.of(model, picked.endpoint())).stream(), lines.stream()).toList()));
        return picked;
    }

    private void cluster(RouteWalk.Choice choice, Cluster model) {
        String what = model.name() + (choice.percent() == 100 ? "" : " for " + choice.percent() + " % of the requests");
        if (model.name().equals("PassthroughCluster")) {
            steps.add(Step.note(CLUSTER, what + ": the mesh does not know this destination; bytes go there as they are, without identity", "a ServiceEntry would register it"));
            return;
        }
        List<String> details = new ArrayList<>(List.of(words(model.discovery()) + ", " + words(model.lbPolicy()) + ", connect time-out " + model.connectTimeoutNanos() / 1_000_000 + " ms"));
        if (model.outlierDetection() != null) {
            details.add("endpoints that fail are ejected (outlier detection)");
        }
        if (!choice.subset().isEmpty()) {
            details.add("subset " + choice.subset());
        }
        steps.add(Step.ok(CLUSTER, what, details));
    }

    private static String words(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private static String remedy(Cluster model, Collection<Host> hosts) {
        if (model.name().equals("BlackHoleCluster")) {
            return "the mesh allows registered services alone (REGISTRY_ONLY): register this destination by a ServiceEntry";
        }
        return hosts.isEmpty()
                ? "no workload stands behind this service: are its pods (or WorkloadEntries) there, and does its selector fit?"
                : "they are unhealthy or ejected: see their state here and outlier_detection in /stats; the workload's own health check says why";
    }

    private static String line(Host host, Map<Address, Locality> places) {
        Locality place = places.getOrDefault(host.address(), Locality.NONE);
        String where = Stream.of(place.region(), place.zone(), place.subZone()).filter(s -> !s.isEmpty()).collect(Collectors.joining("/"));
        String health = host.ejected() ? "ejected" : words(HostHealth.of(host));
        return host.address() + " " + health + (host.endpoint().weight() == 1 ? "" : ", weight " + host.endpoint().weight())
                + (where.isEmpty() ? "" : ", " + where)
                + (host.connectFailures() == 0 ? "" : ", " + host.connectFailures() + " failed connections");
    }

    private Map<Address, Locality> places(Cluster model) {
        ClusterLoadAssignment assignment = model.discovery() == Cluster.Discovery.EDS
                ? mesh.get().endpoints().get(model.edsServiceName().isEmpty() ? model.name() : model.edsServiceName())
                : model.loadAssignment();
        Map<Address, Locality> all = new HashMap<>();
        if (assignment != null) {
            assignment.groups().forEach(group -> group.endpoints().forEach(e -> all.putIfAbsent(e.address(), group.locality())));
        }
        return all;
    }

    private static List<String> expected(TransportSocket socket) {
        if (!(socket instanceof TransportSocket.UpstreamTls tls)) {
            return List.of("plaintext: no identity is asked for");
        }
        Secret.Validation validation = tls.common().validation();
        List<Secret.San> sans = validation == null ? List.of() : validation.sans();
        boolean mutual = !tls.common().certificates().isEmpty() || !tls.common().certificateSecrets().isEmpty();
        return List.of(
                (mutual ? "mutual TLS" : "TLS") + (tls.sni().isEmpty() ? "" : ", server name " + tls.sni()),
                sans.isEmpty() ? "any identity of the trusted roots is accepted" : "expects " + sans.stream().map(san -> san.matcher().toString()).map(ClusterWalk::value)
                        .collect(Collectors.joining(" or ")));
    }

    /** {@code Exact[value=x, ignoreCase=false]} as its value; other matchers as they print. */
    private static String value(String matcher) {
        return matcher.replaceFirst("^Exact\\[value=(.*), ignoreCase=false]$", "$1");
    }
}
