package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.connection.ConnectionWatcher;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.xds.model.NetworkFilter.StatsConfig;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * istio.stats for TCP: bytes both ways and connections opened and closed, with the labels of the peer. A connection is counted when its peer is
 * known, at the latest with its first report; from then on it keeps its labels. Any loop: each knows its own open connections.
 */
public final class IstioTcpStats implements ConnectionWatcher {

    private record Handles(@Nullable Counter opened, @Nullable Counter closed, @Nullable Counter received, @Nullable Counter sent) {}

    /** What was told of one connection so far. */
    private static final class Open {
        private @Nullable Handles handles;
        private long received;
        private long sent;
    }

    private final Stats stats;
    private final boolean inbound;
    private final IstioLabels labels;
    private final IstioOverrides overrides;
    private final FastThreadLocal<Map<StreamInfo, Open>> open = new FastThreadLocal<>() {
        @Override
        protected Map<StreamInfo, Open> initialValue() {
            return new IdentityHashMap<>();
        }
    };

    public IstioTcpStats(StatsConfig config, PeerMetadata node, boolean inbound, Stats stats) {
        this.stats = stats;
        this.inbound = inbound;
        labels = new IstioLabels(node, inbound);
        overrides = new IstioOverrides(config.metrics());
    }

    @Override
    public void onOpened(StreamInfo info) {
        Open connection = new Open();
        open.get().put(info, connection);
        if ((inbound ? info.downstreamPeer : info.upstreamPeer) != null) {
            report(info, connection);
        }
    }

    @Override
    public void onProgress(StreamInfo info) {
        Open connection = open.get().get(info);
        if (connection != null) {
            report(info, connection);
        }
    }

    @Override
    public void onClosed(StreamInfo info) {
        Open known = open.get().remove(info);
        Handles handles = report(info, known == null ? new Open() : known);
        add(handles.closed, 1);
    }

    private Handles report(StreamInfo info, Open connection) {
        Handles handles = connection.handles;
        if (handles == null) {
            handles = resolve(info);
            connection.handles = handles;
            add(handles.opened, 1);
        }
        add(handles.received, info.bytesReceived - connection.received);
        add(handles.sent, info.bytesSent - connection.sent);
        connection.received = info.bytesReceived;
        connection.sent = info.bytesSent;
        return handles;
    }

    private static void add(@Nullable Counter counter, long n) {
        if (counter != null) {
            counter.add(n);
        }
    }

    private Handles resolve(StreamInfo info) {
        Map<String, String> all = labels.ofConnection(info);
        List<String> custom = overrides.values(new LogContext(info));
        return new Handles(
                counter("tcp_connections_opened_total", all, custom),
                counter("tcp_connections_closed_total", all, custom),
                counter("tcp_received_bytes_total", all, custom),
                counter("tcp_sent_bytes_total", all, custom));
    }

    private @Nullable Counter counter(String metric, Map<String, String> all, List<String> custom) {
        String name = overrides.name(metric, all, custom);
        return name == null ? null : stats.counter(name);
    }
}
