package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.connection.ConnectionWatcher;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.datapath.filter.IstioTcpStats;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.accesslog.AccessLogs;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.proxy.telemetry.accesslog.LogSinks;
import dev.outrider.xds.model.AccessLog;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import java.util.List;

/** Access logs of TCP connections and of listeners, and Istio's TCP metrics. Compiled on the control loop. {@code node}: this workload. */
record LogWatchers(LogSinks sinks, Stats stats, PeerMetadata node) implements ConnectionWatcher.Source {

    @Override
    public ConnectionWatcher accessLogs(List<AccessLog> logs, String type) {
        AccessLogs compiled = AccessLogs.compile(logs, sinks);
        return compiled.isEmpty() ? ConnectionWatcher.NONE : info -> {
            LogContext log = new LogContext(info);
            log.type = type;
            compiled.log(log);
        };
    }

    @Override
    public ConnectionWatcher istioStats(NetworkFilter.StatsConfig config, Listener listener) {
        return new IstioTcpStats(config, node, listener.direction() == Listener.Direction.INBOUND, stats);
    }
}
