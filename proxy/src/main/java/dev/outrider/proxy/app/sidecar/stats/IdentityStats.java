package dev.outrider.proxy.app.sidecar.stats;

import dev.outrider.proxy.identity.workload.WorkloadIdentity;
import dev.outrider.proxy.telemetry.Stats;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** The identity's figures: Envoy's name for the days that are left, and those of Istio's agent. */
public final class IdentityStats {

    /** So that Prometheus has the very names of Istio's agent. */
    private static final String AGENT = "istio_agent_";

    private IdentityStats() {}

    /** Of an identity beside the machine's own. */
    public static void register(Stats stats, String name, WorkloadIdentity identity) {
        var unusedExpiry = stats.gauge("outrider_cert_expiry_seconds;identity=" + name, () -> identity.state().secondsLeft(Instant.now()));
    }

    public static void register(Stats stats, WorkloadIdentity identity) {
        var unusedDays = stats.gauge("server.days_until_first_cert_expiring",
                () -> Math.max(0, TimeUnit.SECONDS.toDays(identity.state().secondsLeft(Instant.now()))));
        var unusedExpiry = stats.gauge(AGENT + "cert_expiry_seconds", () -> identity.state().secondsLeft(Instant.now()));
        stats.counter(AGENT + "num_outgoing_requests", () -> identity.state().counts().requests());
        stats.counter(AGENT + "num_failed_outgoing_requests", () -> identity.state().counts().failures());
        stats.counter(AGENT + "num_outgoing_retries", () -> identity.state().counts().retries());
        var unusedLatency = stats.gauge(AGENT + "outgoing_latency", () -> identity.state().counts().latencyMillis());
    }
}
