package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Gauge;
import dev.outrider.proxy.telemetry.Histogram;
import dev.outrider.proxy.telemetry.Stats;

/** {@code listener.<address>.*} under Envoy's names, taken once. */
final class ListenerStats {

    final Counter total;
    final Counter destroyed;
    final Gauge active;
    final Gauge preActive;
    final Counter preTimeout;
    final Counter noFilterChain;
    final Counter overflow;
    final Histogram lengthMs;
    final Counter handshakes;
    final Counter sessionsReused;
    final Counter connectionErrors;
    final Counter verifyErrors;

    ListenerStats(Stats stats, String name) {
        String prefix = "listener." + name + ".";
        total = stats.counter(prefix + "downstream_cx_total");
        destroyed = stats.counter(prefix + "downstream_cx_destroy");
        active = stats.gauge(prefix + "downstream_cx_active");
        preActive = stats.gauge(prefix + "downstream_pre_cx_active");
        preTimeout = stats.counter(prefix + "downstream_pre_cx_timeout");
        noFilterChain = stats.counter(prefix + "no_filter_chain_match");
        overflow = stats.counter(prefix + "downstream_cx_overflow");
        lengthMs = stats.histogram(prefix + "downstream_cx_length_ms");
        handshakes = stats.counter(prefix + "ssl.handshake");
        sessionsReused = stats.counter(prefix + "ssl.session_reused");
        connectionErrors = stats.counter(prefix + "ssl.connection_error");
        verifyErrors = stats.counter(prefix + "ssl.fail_verify_error");
    }
}
