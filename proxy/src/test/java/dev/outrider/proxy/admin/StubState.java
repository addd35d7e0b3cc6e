package dev.outrider.proxy.admin;

import dev.outrider.dns.DnsShim;
import dev.outrider.proxy.admin.state.AdminActions;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.state.DumpSource;
import dev.outrider.proxy.admin.state.RuntimeLayers;
import dev.outrider.proxy.explain.Explainer;
import dev.outrider.proxy.explain.Surroundings.MachineRules;
import dev.outrider.proxy.telemetry.PrometheusStats;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.StatsMatcher;
import dev.outrider.proxy.telemetry.TagRules;
import dev.outrider.xds.model.Address;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A process that never was: fixed answers, and a list of what was asked of it. */
final class StubState implements AdminState, AdminActions, DumpSource {

    final Stats stats = new Stats();
    final List<String> asked = new ArrayList<>();
    final RuntimeLayers runtime = new RuntimeLayers(List.of(new RuntimeLayers.Layer("base", Map.of("a", "1"))), "admin");
    boolean ready = true;
    @Nullable DnsShim dns;
    ControlPlane controlPlane = new ControlPlane("", null, null, List.of(), List.of(), Map.of(), List.of());

    @Override
    public String serverState() {
        return server().state();
    }

    @Override
    public Server server() {
        return new Server("0/test", ready ? "LIVE" : "DRAINING", 7, Map.of("concurrency", 2), new RawJson("{\"id\":\"n\"}"), "disabled");
    }

    @Override
    public Readiness readiness() {
        return new Readiness(ready, List.of("cluster x is not warm"), Map.of("clusters", List.of("x")));
    }

    @Override
    public DumpSource configDump() {
        return this;
    }

    @Override
    public List<ClusterView> clusters() {
        return List.of();
    }

    @Override
    public List<ListenerView> listeners() {
        return List.of(new ListenerView("l", new Address.Ip(InetAddress.getLoopbackAddress(), 80), List.of()));
    }

    @Override
    public List<CertificateView> certificates() {
        return List.of(new CertificateView(
                "default", false, "<inline>", "1f", List.of(new CertificateView.San("uri", "spiffe://a/b")),
                Instant.EPOCH, Instant.now().plusSeconds(100_000)));
    }

    @Override
    public List<PortIdentityView> portIdentities() {
        return List.of(new PortIdentityView("payments", List.of(9443), List.of(new CertificateView(
                "payments", false, "<inline>", "2e", List.of(new CertificateView.San("uri", "spiffe://a/payments")),
                Instant.EPOCH, Instant.now().plusSeconds(200_000))), List.of()));
    }

    @Override
    public @Nullable DnsShim dns() {
        return dns;
    }

    @Override
    public ControlPlane controlPlane() {
        return controlPlane;
    }

    @Override
    public @Nullable MachineRules rules() {
        return null;
    }

    @Override
    public @Nullable Explainer explainer() {
        return null;
    }

    @Override
    public StatsPages stats() {
        return new StatsPages(stats, StatsMatcher.ALL, new PrometheusStats(TagRules.defaults()));
    }

    @Override
    public RuntimeLayers runtime() {
        return runtime;
    }

    @Override
    public Entry bootstrap() {
        return entry("", "{\"@type\":\"b\",\"node\":{\"id\":\"n\"}}");
    }

    @Override
    public String version(Kind kind) {
        return "v1";
    }

    @Override
    public List<Entry> entries(Kind kind) {
        return switch (kind) {
            case CLUSTER -> List.of(entry("c1", "{\"@type\":\"c\",\"name\":\"c1\"}"), entry("c2", "{\"@type\":\"c\",\"name\":\"c2\",\"type\":\"EDS\"}"));
            case LISTENER -> List.of(new Entry(State.ACTIVE, "l", "1", Instant.EPOCH, () -> new RawJson("{\"name\":\"l\"}"),
                    new Rejected("2", Instant.EPOCH, "bad filter", null)));
            default -> List.of();
        };
    }

    private static Entry entry(String name, String json) {
        return new Entry(State.ACTIVE, name, "1", Instant.EPOCH, () -> new RawJson(json), null);
    }

    @Override
    public void drainListeners(boolean graceful, boolean inboundOnly) {
        asked.add("drain " + graceful + " " + inboundOnly);
    }

    @Override
    public void failHealthCheck(boolean fail) {
        asked.add("fail " + fail);
    }

    @Override
    public void reopenLogs() {
        asked.add("reopen");
    }

    @Override
    public void quit() {
        asked.add("quit");
    }
}
