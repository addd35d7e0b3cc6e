package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Histogram;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.accesslog.GrpcStatus;
import dev.outrider.xds.model.NetworkFilter.StatsConfig;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * istio.stats for HTTP: the standard metrics with all their labels, counted when a stream is over. Handles are resolved once for each
 * combination of peer, cluster and outcome and kept by loop. Any loop.
 */
public final class IstioStats implements FilterStep {

    /** Combinations kept by a loop; hostile clients may make many, then all are forgotten. */
    private static final int LIMIT = 5_000;

    /** What all labels follow from. */
    private record Key(IstioLabels.Outcome outcome, List<String> custom) {}

    private record Handles(
            @Nullable Counter requests,
            @Nullable Histogram duration,
            @Nullable Histogram requestBytes,
            @Nullable Histogram responseBytes,
            @Nullable Counter requestMessages,
            @Nullable Counter responseMessages) {}

    private final Stats stats;
    private final boolean inbound;
    private final boolean hostFallback;
    private final IstioLabels labels;
    private final IstioOverrides overrides;
    private final FastThreadLocal<Map<Key, Handles>> known = new FastThreadLocal<>() {
        @Override
        protected Map<Key, Handles> initialValue() {
            return new HashMap<>();
        }
    };

    public IstioStats(StatsConfig config, PeerMetadata node, boolean inbound, Stats stats) {
        this.stats = stats;
        this.inbound = inbound;
        hostFallback = !config.disableHostHeaderFallback();
        labels = new IstioLabels(node, inbound);
        overrides = new IstioOverrides(config.metrics());
    }

    @Override
    public void onEnd(FilterContext context) {
        StreamInfo info = context.info;
        boolean grpc = GrpcStatus.isGrpc(context.request.headers());
        PeerMetadata peer = inbound ? info.downstreamPeer : info.upstreamPeer;
        Key key = new Key(
                new IstioLabels.Outcome(
                        peer,
                        context.cluster == null ? "" : context.cluster.model().name(),
                        context.cluster == null ? null : context.cluster.model().metadata(),
                        info.routeName,
                        hostFallback ? context.request.authority() : "",
                        peer == null && !inbound && info.upstreamHostMetadata != null ? IstioLabels.workload(info) : "",
                        labels.peerIdentity(info),
                        labels.localIdentity(info),
                        grpc,
                        info.responseCode,
                        grpc ? GrpcStatus.of(context.log) : -1,
                        info.flags),
                overrides.values(context.log));
        Map<Key, Handles> mine = known.get();
        Handles handles = mine.get(key);
        if (handles == null) {
            if (mine.size() >= LIMIT) {
                mine.clear();
            }
            handles = resolve(key);
            mine.put(key, handles);
        }
        record(handles, info, grpc);
    }

    private static void record(Handles handles, StreamInfo info, boolean grpc) {
        if (handles.requests != null) {
            handles.requests.inc();
        }
        if (handles.duration != null) {
            handles.duration.record((info.endNanos - info.startNanos) / 1_000_000);
        }
        if (handles.requestBytes != null) {
            handles.requestBytes.record(info.headerBytesReceived + info.bytesReceived);
        }
        if (handles.responseBytes != null) {
            handles.responseBytes.record(info.headerBytesSent + info.bytesSent);
        }
        if (grpc && handles.requestMessages != null && handles.responseMessages != null) {
            handles.requestMessages.add(info.grpcRequestMessages);
            handles.responseMessages.add(info.grpcResponseMessages);
        }
    }

    private Handles resolve(Key key) {
        Map<String, String> all = labels.of(key.outcome);
        return new Handles(
                counter("requests_total", all, key.custom),
                histogram("request_duration_milliseconds", all, key.custom),
                histogram("request_bytes", all, key.custom),
                histogram("response_bytes", all, key.custom),
                key.outcome.grpc() ? counter("request_messages_total", all, key.custom) : null,
                key.outcome.grpc() ? counter("response_messages_total", all, key.custom) : null);
    }

    private @Nullable Counter counter(String metric, Map<String, String> all, List<String> custom) {
        String name = overrides.name(metric, all, custom);
        return name == null ? null : stats.counter(name);
    }

    private @Nullable Histogram histogram(String metric, Map<String, String> all, List<String> custom) {
        String name = overrides.name(metric, all, custom);
        return name == null ? null : stats.histogram(name);
    }
}
