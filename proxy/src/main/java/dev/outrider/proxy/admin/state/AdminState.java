package dev.outrider.proxy.admin.state;

import dev.outrider.dns.DnsShim;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.explain.Explainer;
import dev.outrider.proxy.explain.Surroundings.MachineRules;
import dev.outrider.proxy.telemetry.PrometheusStats;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.StatsMatcher;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.ClusterLoadAssignment;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the pages show. Read on the admin loop; every call gives a consistent, immutable picture of now. */
public interface AdminState {

    Server server();

    /** {@link Server#state()} alone, for a probe that comes every second. */
    String serverState();

    Readiness readiness();

    DumpSource configDump();

    List<ClusterView> clusters();

    List<ListenerView> listeners();

    List<CertificateView> certificates();

    /** Identities of single inbound ports. */
    List<PortIdentityView> portIdentities();

    StatsPages stats();

    /** Null in a process without DNS. */
    @Nullable DnsShim dns();

    ControlPlane controlPlane();

    /** What is known of the machine's rules; null in a process that runs on a bootstrap alone. Throws IllegalArgumentException that names a wrong setting. */
    @Nullable MachineRules rules();

    /** Follows requests; null in a process without a data path. */
    @Nullable Explainer explainer();

    /** Layers of the runtime, lowest first: name to keys and values. */
    RuntimeLayers runtime();

    /**
     * @param state Envoy's word: LIVE, DRAINING, PRE_INITIALIZING, INITIALIZING
     * @param commandLine as in envoy.admin.v3.CommandLineOptions, snake case
     * @param node as JSON
     */
    record Server(String version, String state, long uptimeSeconds, Map<String, Object> commandLine, RawJson node, String hotRestart) {}

    /**
     * @param ready whether traffic may be sent here
     * @param reasons one line per reason against it and per impairment (a cluster not warm, a policy not applied)
     * @param waiting names that initialisation waits for, by kind ("cluster", "listener")
     */
    record Readiness(boolean ready, List<String> reasons, Map<String, List<String>> waiting) {}

    /** A cluster and, for the localities of its hosts, the endpoints that it was given; null where it finds hosts by itself. */
    record ClusterView(ClusterState state, @Nullable ClusterLoadAssignment endpoints, boolean addedByApi) {}

    record ListenerView(String name, Address bound, List<Address> additional) {}

    /** One certificate in use; {@code authority} tells CA certificates from the leaf chain. */
    record CertificateView(
            String group, boolean authority, String path, String serial, List<San> sans, Instant notBefore, Instant notAfter) {

        /** {@code kind}: "uri", "dns" or "ip_address". */
        public record San(String kind, String value) {}
    }

    /** {@code certificates}: none while it has none; {@code reasons}: what keeps it from serving, or from being renewed. */
    record PortIdentityView(String name, List<Integer> inboundPorts, List<CertificateView> certificates, List<String> reasons) {}

    /**
     * Where configuration comes from.
     *
     * @param address of the control plane, "" = none is named
     * @param connectedSince null = not connected
     * @param lastPush when the newest resource came; null = none yet
     * @param rejections the newest first
     * @param policyNotApplied resources of which an older version serves
     * @param resources how many are in force, by kind
     * @param registered endpoints of the mesh that are at this machine's address: how the control plane sees it, {@code SERVICE ADDRESS HEALTH}
     */
    record ControlPlane(
            String address, @Nullable Instant connectedSince, @Nullable Instant lastPush, List<String> rejections, List<String> policyNotApplied,
            Map<String, Integer> resources, List<String> registered) {}

    record StatsPages(Stats stats, StatsMatcher matcher, PrometheusStats prometheus) {}

    /** Something already in JSON. */
    record RawJson(String text) {}
}
