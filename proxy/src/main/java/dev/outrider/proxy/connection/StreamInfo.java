package dev.outrider.proxy.connection;

import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.xds.model.Metadata;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The record of one request, or of one TCP connection, that filters fill and access logs, metrics and traces read. Public fields: it is
 * a plain record that many stages write, each its own part. Confined to the event loop; reused once its end is logged.
 * Times are {@link System#nanoTime()}, 0 = did not happen; texts are "" where unknown.
 */
public final class StreamInfo {

    public final DownstreamConnection connection;
    public long startMillis;
    public long startNanos;
    public long lastRequestByteNanos;
    /** When the pool had a connection, or had failed to get one. */
    public long poolAnsweredNanos;
    public long firstUpstreamTxNanos;
    public long lastUpstreamTxNanos;
    public long firstUpstreamRxNanos;
    public long lastUpstreamRxNanos;
    public long firstDownstreamTxNanos;
    public long lastDownstreamTxNanos;
    public long endNanos;

    /** "HTTP/1.1" …, "" for TCP. */
    public String protocol = "";
    public int responseCode;
    public String responseCodeDetails = "";
    public String connectionTerminationDetails = "";
    public long flags;
    /** Body bytes (HTTP) or payload bytes (TCP) received from and sent to the client. */
    public long bytesReceived;
    public long bytesSent;
    /** All bytes of the stream on the client's connection, framing included; 0 where the codec does not count them. */
    public long wireBytesReceived;
    public long wireBytesSent;
    public long headerBytesReceived;
    public long headerBytesSent;
    public long upstreamHeaderBytesSent;
    public long upstreamHeaderBytesReceived;
    public long upstreamBytesSent;
    public long upstreamBytesReceived;
    public int attempts;

    public String routeName = "";
    public String virtualHostName = "";
    public @Nullable Metadata routeMetadata;
    /** Where answers are to carry it. */
    public String requestId = "";
    /** The client's address as trusted (x-forwarded-for with use_remote_address), else the direct one. */
    public @Nullable InetSocketAddress remote;

    public String upstreamCluster = "";
    public @Nullable Metadata upstreamClusterMetadata;
    public @Nullable Metadata upstreamHostMetadata;
    public @Nullable InetSocketAddress upstreamHost;
    public String upstreamHostName = "";
    /** In place of an address for pipes. */
    public String upstreamHostText = "";
    public @Nullable InetSocketAddress upstreamLocal;
    public @Nullable TlsPeer upstreamTls;
    public String upstreamProtocol = "";
    public String upstreamTransportFailure = "";
    public long upstreamConnectionId;

    /** Peers by Istio's metadata exchange. */
    public @Nullable PeerMetadata downstreamPeer;
    public @Nullable PeerMetadata upstreamPeer;
    public long grpcRequestMessages;
    public long grpcResponseMessages;
    public boolean healthCheck;
    public boolean traceSampled;

    /** Dynamic metadata: filter name to tree. Made on first use. */
    private @Nullable Map<String, Map<String, Object>> dynamicMetadata;

    public StreamInfo(DownstreamConnection connection) {
        this.connection = connection;
    }

    /** As new, for the next stream of its connection. */
    public void reset() {
        startMillis = 0;
        startNanos = 0;
        lastRequestByteNanos = 0;
        poolAnsweredNanos = 0;
        firstDownstreamTxNanos = 0;
        lastDownstreamTxNanos = 0;
        endNanos = 0;
        protocol = "";
        responseCode = 0;
        responseCodeDetails = "";
        connectionTerminationDetails = "";
        flags = 0;
        bytesReceived = 0;
        bytesSent = 0;
        wireBytesReceived = 0;
        wireBytesSent = 0;
        headerBytesReceived = 0;
        headerBytesSent = 0;
        routeName = "";
        virtualHostName = "";
        routeMetadata = null;
        requestId = "";
        remote = null;
        dynamicMetadata = null;
        downstreamPeer = null;
        grpcRequestMessages = 0;
        grpcResponseMessages = 0;
        healthCheck = false;
        traceSampled = false;
        resetUpstream();
    }

    private void resetUpstream() {
        upstreamCluster = "";
        upstreamClusterMetadata = null;
        upstreamHostMetadata = null;
        upstreamHost = null;
        upstreamHostName = "";
        upstreamHostText = "";
        upstreamLocal = null;
        upstreamTls = null;
        upstreamProtocol = "";
        upstreamTransportFailure = "";
        upstreamConnectionId = 0;
        upstreamHeaderBytesSent = 0;
        upstreamHeaderBytesReceived = 0;
        upstreamBytesSent = 0;
        upstreamBytesReceived = 0;
        firstUpstreamTxNanos = 0;
        lastUpstreamTxNanos = 0;
        firstUpstreamRxNanos = 0;
        lastUpstreamRxNanos = 0;
        attempts = 0;
        upstreamPeer = null;
    }

    public void flag(ResponseFlag flag) {
        flags |= flag.bit();
    }

    public boolean hasFlag(ResponseFlag flag) {
        return (flags & flag.bit()) != 0;
    }

    public Map<String, Map<String, Object>> dynamicMetadata() {
        Map<String, Map<String, Object>> all = dynamicMetadata;
        if (all == null) {
            all = new HashMap<>();
            dynamicMetadata = all;
        }
        return all;
    }

    /** Filter state by key, as a string; null where there is none. Metadata exchange alone leaves any: the peers' ids. */
    public @Nullable String filterState(String key) {
        PeerMetadata peer = switch (key) {
            case "downstream_peer" -> downstreamPeer;
            case "upstream_peer" -> upstreamPeer;
            default -> null;
        };
        return peer == null ? null : peer.id();
    }
}
