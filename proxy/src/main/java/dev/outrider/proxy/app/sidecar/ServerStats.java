package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.XdsStatus;
import dev.outrider.xds.ads.ResourceType;
import java.util.Map;
import java.util.function.ToLongFunction;

/** Envoy's {@code server.*}, {@code cluster_manager.*} and {@code listener_manager.*} that are read when asked for. */
final class ServerStats {

    /** Istio's agent and dashboards read these names. */
    private static final Map<ResourceType, String> SUBSYSTEMS = Map.of(
            ResourceType.CLUSTER, "cluster_manager.cds.", ResourceType.LISTENER, "listener_manager.lds.");

    private ServerStats() {}

    static void register(Stats stats, SidecarState state, MeshFeed feed, DataPath path, int concurrency) {
        long started = System.nanoTime();
        var unusedState = stats.gauge("server.state", state::number);
        var unusedLive = stats.gauge("server.live", () -> state.serverState().equals("LIVE") ? 1 : 0);
        var unusedUptime = stats.gauge("server.uptime", () -> (System.nanoTime() - started) / 1_000_000_000L);
        var unusedLoops = stats.gauge("server.concurrency", () -> concurrency);
        var unusedConnections = stats.gauge("server.total_connections", () -> path.listeners().openConnections());
        var unusedHeap = stats.gauge("server.memory_heap_size", () -> Runtime.getRuntime().totalMemory());
        var unusedUsed = stats.gauge(
                "server.memory_allocated", () -> Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        var unusedConnected = stats.gauge("control_plane.connected_state", () -> feed.status().connected() ? 1 : 0);
        var unusedPolicy = stats.gauge("outrider.policy_not_applied", () -> feed.status().policyNotApplied().size());
        var unusedKept = stats.gauge("outrider.last_known_good", () -> feed.status().lastKnownGood() == null ? 0 : 1);
        SUBSYSTEMS.forEach((type, prefix) -> {
            stats.counter(prefix + "update_attempt", () -> count(feed, type, XdsStatus.Counters::attempt));
            stats.counter(prefix + "update_success", () -> count(feed, type, XdsStatus.Counters::success));
            stats.counter(prefix + "update_rejected", () -> count(feed, type, XdsStatus.Counters::rejected));
            stats.counter(prefix + "update_failure", () -> count(feed, type, XdsStatus.Counters::failure));
        });
    }

    private static long count(MeshFeed feed, ResourceType type, ToLongFunction<XdsStatus.Counters> which) {
        XdsStatus.Counters counters = feed.status().counters().get(type);
        return counters == null ? 0 : which.applyAsLong(counters);
    }
}
