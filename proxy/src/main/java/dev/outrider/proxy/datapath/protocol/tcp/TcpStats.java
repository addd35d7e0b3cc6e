package dev.outrider.proxy.datapath.protocol.tcp;

import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Gauge;
import dev.outrider.proxy.telemetry.Stats;

/** {@code tcp.<prefix>.*} under Envoy's names, taken once. */
final class TcpStats {

    final Counter total;
    final Counter noRoute;
    final Counter received;
    final Counter sent;
    final Counter idleTimeout;
    final Counter maxDuration;
    final Gauge active;

    TcpStats(Stats stats, String prefix) {
        String name = "tcp." + prefix + ".";
        total = stats.counter(name + "downstream_cx_total");
        noRoute = stats.counter(name + "downstream_cx_no_route");
        received = stats.counter(name + "downstream_cx_rx_bytes_total");
        sent = stats.counter(name + "downstream_cx_tx_bytes_total");
        idleTimeout = stats.counter(name + "idle_timeout");
        maxDuration = stats.counter(name + "max_downstream_connection_duration");
        active = stats.gauge(name + "downstream_cx_active");
    }
}
