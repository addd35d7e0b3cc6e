package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsShim;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.state.DumpSource;
import dev.outrider.proxy.admin.state.RuntimeLayers;
import dev.outrider.proxy.app.sidecar.identity.CertificateViews;
import dev.outrider.proxy.app.sidecar.identity.Identities;
import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.explain.Explainer;
import dev.outrider.proxy.explain.Surroundings;
import dev.outrider.proxy.explain.Surroundings.MachineRules;
import dev.outrider.proxy.telemetry.PrometheusStats;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.StatsMatcher;
import dev.outrider.proxy.telemetry.TagRule;
import dev.outrider.proxy.telemetry.TagRules;
import dev.outrider.xds.ConfigArchive;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.XdsStatus;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.resource.AnyJson;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the administration pages see of a sidecar. Any thread. */
final class SidecarState implements AdminState {

    private final Instant started = Instant.now();
    private final Bootstrap bootstrap;
    private final SidecarConfig config;
    private final DataPath path;
    private final MeshFeed feed;
    private final Supplier<MeshSnapshot> snapshot;
    private final BooleanSupplier draining;
    private final StatsPages stats;
    private final RuntimeLayers runtime;
    private final Explainer explainer;
    private final Identities identities;
    private final @Nullable MeshDns dns;
    private final List<Supplier<List<String>>> watched = new CopyOnWriteArrayList<>();
    private final Set<String> fixedClusters = new HashSet<>();

    SidecarState(
            Bootstrap bootstrap, SidecarConfig config, DataPath path, MeshFeed feed, Supplier<MeshSnapshot> snapshot,
            BooleanSupplier draining, Stats stats, Identities identities, @Nullable MeshDns dns) {
        this.identities = identities;
        this.dns = dns;
        this.bootstrap = bootstrap;
        this.config = config;
        this.path = path;
        this.feed = feed;
        this.snapshot = snapshot;
        this.draining = draining;
        this.stats = new StatsPages(stats, matcher(bootstrap.stats()), new PrometheusStats(rules(bootstrap.stats())));
        runtime = runtime(bootstrap.runtime());
        explainer = new Explainer(new Surroundings(path, dns(), snapshot, () -> feed.status().lastRejections(), bootstrap.node().address(), config.local().rules()));
        bootstrap.clusters().forEach(c -> fixedClusters.add(c.name()));
    }

    /** Impairments of something else that this process looks after, for those who ask how it is. */
    void watch(Supplier<List<String>> impairments) {
        watched.add(impairments);
    }

    private static StatsMatcher matcher(Bootstrap.StatsOptions options) {
        if (options.rejectAll()) {
            return new StatsMatcher.Nothing();
        }
        var inclusion = options.inclusion();
        if (inclusion != null) {
            return new StatsMatcher.Include(inclusion);
        }
        var exclusion = options.exclusion();
        return exclusion == null ? StatsMatcher.ALL : new StatsMatcher.Exclude(exclusion);
    }

    /** Throws IllegalArgumentException naming a tag whose expression is none. */
    private static TagRules rules(Bootstrap.StatsOptions options) {
        List<TagRule> custom = new ArrayList<>();
        for (Bootstrap.Tag tag : options.tags()) {
            String fixed = tag.fixedValue();
            String regex = tag.regex();
            if (fixed != null) {
                custom.add(TagRule.fixed(tag.name(), fixed));
            } else if (regex != null) {
                custom.add(TagRule.regex(tag.name(), regex));
            }
        }
        return new TagRules(custom, options.defaultTags());
    }

    private static RuntimeLayers runtime(List<Bootstrap.RuntimeLayer> layers) {
        List<RuntimeLayers.Layer> fixed = new ArrayList<>();
        String admin = "";
        for (Bootstrap.RuntimeLayer layer : layers) {
            Map<String, String> values = new TreeMap<>();
            layer.values().forEach((k, v) -> values.put(k, v instanceof Double d && d == Math.rint(d) ? Long.toString(d.longValue()) : v.toString()));
            if (values.isEmpty() && layer.name().contains("admin")) {
                admin = layer.name();
            } else {
                fixed.add(new RuntimeLayers.Layer(layer.name(), values));
            }
        }
        // A bootstrap without layers has Envoy's default: the admin layer alone.
        return new RuntimeLayers(fixed, layers.isEmpty() ? "admin" : admin);
    }

    @Override
    public @Nullable DnsShim dns() {
        return dns == null ? null : dns.shim();
    }

    @Override
    public ControlPlane controlPlane() {
        XdsStatus status = feed.status();
        MeshSnapshot now = snapshot.get();
        Map<String, Integer> resources = new LinkedHashMap<>();
        resources.put("listeners", now.listeners().size());
        resources.put("routes", now.routes().size());
        resources.put("clusters", now.clusters().size());
        resources.put("endpoints", now.endpoints().size());
        resources.put("secrets", now.secrets().size());
        resources.put("names", now.names().rows().size());
        Instant lastPush = feed.archive().types().values().stream()
                .flatMap(type -> type.entries().stream())
                .filter(entry -> !entry.fixed())
                .map(ConfigArchive.Entry::active)
                .filter(Objects::nonNull)
                .map(ConfigArchive.Sent::updated)
                .max(Comparator.naturalOrder())
                .orElse(null);
        return new ControlPlane(serverAddress(), status.connectedSince(), lastPush, status.lastRejections(), status.policyNotApplied(), resources, registered(now));
    }

    private List<String> registered(MeshSnapshot now) {
        InetAddress own = bootstrap.node().address();
        List<String> all = new ArrayList<>();
        now.endpoints().forEach((service, assignment) -> assignment.groups().stream()
                .flatMap(group -> group.endpoints().stream())
                .filter(endpoint -> endpoint.address() instanceof Address.Ip ip && ip.ip().equals(own))
                .forEach(endpoint -> all.add(service + " " + endpoint.address() + " " + endpoint.health())));
        all.sort(Comparator.naturalOrder());
        return all;
    }

    /** Of the aggregated stream's cluster. */
    private String serverAddress() {
        ConfigSource.Grpc ads = bootstrap.dynamic().ads();
        if (ads == null) {
            return "";
        }
        return bootstrap.clusters().stream()
                .filter(fixed -> fixed.name().equals(ads.cluster()))
                .map(fixed -> fixed.model().loadAssignment())
                .filter(Objects::nonNull)
                .flatMap(assignment -> assignment.groups().stream())
                .flatMap(group -> group.endpoints().stream())
                .map(endpoint -> endpoint.address().toString())
                .findFirst().orElse(ads.target());
    }

    @Override
    public @Nullable MachineRules rules() {
        Supplier<MachineRules> rules = config.local().rules();
        return rules == null ? null : rules.get();
    }

    @Override
    public Explainer explainer() {
        return explainer;
    }

    @Override
    public Server server() {
        RawJson node = new RawJson(AnyJson.render("type.googleapis.com/envoy.config.core.v3.Node", bootstrap.node().wire().toArray())
                .replaceFirst("\"@type\":\"[^\"]*\",?", ""));
        return new Server(Version.text(), serverState(), Duration.between(started, Instant.now()).toSeconds(), config.commandLine(), node, "disabled");
    }

    @Override
    public String serverState() {
        if (draining.getAsBoolean()) {
            return "DRAINING";
        }
        XdsStatus status = feed.status();
        if (status.ready()) {
            return "LIVE";
        }
        return status.decided() ? "INITIALIZING" : "PRE_INITIALIZING";
    }

    /** Whether there is something to serve with; it may be on its way out. */
    boolean configured() {
        return feed.status().ready();
    }

    int number() {
        return List.of("LIVE", "DRAINING", "PRE_INITIALIZING", "INITIALIZING").indexOf(serverState());
    }

    @Override
    public Readiness readiness() {
        XdsStatus status = feed.status();
        Instant now = Instant.now();
        List<String> reasons = identities.reasons(now);
        boolean known = identities.serves(now);
        if (!status.connected()) {
            reasons.add("control plane: not connected");
        }
        if (!status.decided()) {
            reasons.add("control plane: the first listeners and clusters have not been received or decided");
        }
        Instant saved = status.lastKnownGood();
        if (saved != null) {
            reasons.add("configuration: the last known good one, saved " + saved + ", until the control plane answers");
        }
        status.waiting().forEach((name, reason) -> reasons.add("waiting: " + name + ": " + reason));
        status.policyNotApplied().forEach(p -> reasons.add("policy-not-applied: " + p));
        status.lastRejections().forEach(r -> reasons.add("rejected: " + r));
        path.listeners().failures().values().forEach(reasons::add);
        watched.forEach(one -> reasons.addAll(one.get()));
        List<String> cold = path.clusters().cold();
        cold.forEach(c -> reasons.add("cluster " + c + ": not warm, answers 503"));
        return new Readiness(known && serverState().equals("LIVE"), reasons,
                Map.of("clusters", cold, "listeners", List.copyOf(path.listeners().failures().keySet()), "resources", List.copyOf(status.waiting().keySet())));
    }

    @Override
    public DumpSource configDump() {
        return new ArchiveDump(bootstrap, started, feed.archive());
    }

    @Override
    public List<ClusterView> clusters() {
        MeshSnapshot now = snapshot.get();
        return path.clusters().all().stream()
                .map(c -> new ClusterView(c, endpoints(c.model(), now), !fixedClusters.contains(c.model().name())))
                .sorted((a, b) -> a.state().model().name().compareTo(b.state().model().name()))
                .toList();
    }

    private static @Nullable ClusterLoadAssignment endpoints(Cluster model, MeshSnapshot now) {
        if (model.discovery() != Cluster.Discovery.EDS) {
            return model.loadAssignment();
        }
        return now.endpoints().get(model.edsServiceName().isEmpty() ? model.name() : model.edsServiceName());
    }

    @Override
    public List<ListenerView> listeners() {
        List<ListenerView> all = new ArrayList<>();
        new TreeMap<>(path.addresses()).forEach((name, bound) -> {
            if (!bound.isEmpty()) {
                List<Address> addresses = bound.stream().map(SidecarState::address).toList();
                all.add(new ListenerView(name, addresses.getFirst(), addresses.subList(1, addresses.size())));
            }
        });
        return all;
    }

    private static Address address(InetSocketAddress address) {
        return new Address.Ip(address.getAddress(), address.getPort());
    }

    @Override
    public List<CertificateView> certificates() {
        return CertificateViews.of(snapshot.get().secrets());
    }

    @Override
    public List<PortIdentityView> portIdentities() {
        return identities.views();
    }

    @Override
    public StatsPages stats() {
        return stats;
    }

    @Override
    public RuntimeLayers runtime() {
        return runtime;
    }
}
