package dev.outrider.proxy.explain;

import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.cluster.EndpointSockets;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.HostHealth;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cidr;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From a cluster to the endpoint that would be taken: health, place, identity that is expected there. Steps are added to {@code steps}. */
final class ClusterWalk {

    static final String CLUSTER = "cluster";
    static final String ENDPOINT = "endpoint";

    private static final String PASSTHROUGH = "PassthroughCluster";

    /** Istio's automatic addresses are of this range, which no network routes (RFC 1112). */
    private static final Cidr MADE_UP = Cidr.parse("240.240.0.0/16");

    /** A service of hundreds of endpoints is still one screen. */
    private static final int MOST_SHOWN = 10;

    private final Surroundings process;
    private final List<Step> steps;

    ClusterWalk(Surroundings process, List<Step> steps) {
        this.process = process;
        this.steps = steps;
    }

    /** Null: there is none, and a step says why. */
    @Nullable Host endpoint(RouteWalk.Choice choice, InetSocketAddress destination) {
        ClusterState cluster = process.path().clusters().cluster(choice.cluster());
        if (cluster == null) {
            String refusal = process.refusal("CLUSTER", choice.cluster());
            steps.add(Step.problem(CLUSTER, (choice.cluster().isEmpty() ? "none is named" : choice.cluster() + " does not exist") + ": 503 (NC)",
                    !refusal.isEmpty() ? "the control plane sent it, and it was refused: " + refusal
                            : "a route leads to a service or subset that the control plane does not send: compare VirtualService and DestinationRule"));
            return null;
        }
        Cluster model = cluster.model();
        if (model.name().equals(PASSTHROUGH) && MADE_UP.contains(destination.getAddress())) {
            steps.add(Step.problem(CLUSTER, PASSTHROUGH + ": to an address that Istio made up for a ServiceEntry, where nothing answers",
                    "the client speaks another protocol than the ServiceEntry's port declares; --tls and --plaintext say what it speaks"));
            return null;
        }
        cluster(choice, model);
        if (!cluster.warm()) {
            steps.add(Step.problem(ENDPOINT, "the cluster waits for its endpoints: 503", "the control plane has not sent them yet: see outrider status"));
            return null;
        }
        Host picked = cluster.pick(new PickContext(null, destination, List.of(), 0, choice.subset()));
        // Hosts of such a cluster are the destinations that were asked for lately: they say nothing of this request.
        Collection<Host> hosts = model.discovery() == Cluster.Discovery.ORIGINAL_DST ? picked == null ? List.of() : List.of(picked) : cluster.hosts();
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
        if (model.name().equals(PASSTHROUGH)) {
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
        if (hosts.isEmpty() && (model.discovery() == Cluster.Discovery.STRICT_DNS || model.discovery() == Cluster.Discovery.LOGICAL_DNS)) {
            return "its endpoints are names that this machine cannot resolve: " + names(model) + "; 'outrider dns query' says what becomes of them";
        }
        return hosts.isEmpty()
                ? "no workload stands behind this service: are its pods (or WorkloadEntries) there, and does its selector fit?"
                : "they are unhealthy or ejected: see their state here and outlier_detection in /stats; the workload's own health check says why";
    }

    private static String names(Cluster model) {
        ClusterLoadAssignment given = model.loadAssignment();
        return given == null ? "none" : given.groups().stream().flatMap(group -> group.endpoints().stream())
                .map(endpoint -> endpoint.address().toString()).limit(MOST_SHOWN).collect(Collectors.joining(", "));
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
                ? process.mesh().get().endpoints().get(model.edsServiceName().isEmpty() ? model.name() : model.edsServiceName())
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
