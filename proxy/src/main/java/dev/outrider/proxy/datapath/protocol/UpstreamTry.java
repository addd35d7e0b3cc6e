package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.upstream.StreamPool;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.Cluster.HttpProtocolOptions.Protocol;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** One try of a request at one host: waits for its stream, then passes its events on while it is the current one. Loop-confined. */
final class UpstreamTry implements StreamEvents.Response, StreamPool.Waiter {

    final Host host;
    private final UpstreamRequest owner;
    private final StreamInfo info;
    private StreamPool.@Nullable Request waiting;
    HttpStream.@Nullable Request stream;
    boolean begun;
    private boolean over;
    private final long startNanos = System.nanoTime();

    UpstreamTry(UpstreamRequest owner, Host host, StreamInfo info) {
        this.owner = owner;
        this.host = host;
        this.info = info;
    }

    /** Whether a cluster is spoken to in HTTP/2. */
    static boolean http2(ClusterState cluster, boolean client) {
        Protocol protocol = cluster.model().http().protocol();
        return protocol == Protocol.HTTP2 || protocol == Protocol.DOWNSTREAM && client;
    }

    void waiting(StreamPool.Request request) {
        // the pool may have answered already
        if (stream == null && !over) {
            waiting = request;
        }
    }

    void recordHost() {
        info.upstreamHostMetadata = host.endpoint().metadata();
        info.upstreamHostName = host.endpoint().hostname();
        InetSocketAddress address = host.socketAddress();
        if (address != null) {
            info.upstreamHost = address;
        } else {
            info.upstreamHostText = host.address().toString();
        }
    }

    @Override
    public void onStream(HttpStream.Request ready, StreamPool.Connected connected) {
        if (over) {
            ready.reset(StreamReset.LOCAL_RESET);
            return;
        }
        waiting = null;
        stream = ready;
        info.poolAnsweredNanos = System.nanoTime();
        begun = true;
        info.upstreamConnectionId = connected.id();
        info.upstreamTls = connected.tls();
        info.upstreamProtocol = connected.http2() ? "HTTP/2" : "HTTP/1.1";
        info.upstreamLocal = connected.local() instanceof InetSocketAddress local ? local : null;
        if (connected.remote() instanceof InetSocketAddress remote) {
            info.upstreamHost = remote;
        }
        owner.onStream(this, ready);
    }

    @Override
    public void onFailure(StreamReset reason, String details) {
        if (!over) {
            over = true;
            info.poolAnsweredNanos = System.nanoTime();
            host.connectFailed();
            owner.onTryFailed(this, reason, details, true);
        }
    }

    @Override
    public void onInformational(ResponseHead head) {
        if (!over) {
            owner.client.onInformational(head);
        }
    }

    @Override
    public void onHead(ResponseHead head, boolean end) {
        if (over) {
            return;
        }
        info.firstUpstreamRxNanos = System.nanoTime();
        over = end;
        owner.onResponseHead(this, head, end);
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        if (over) {
            data.release();
            return;
        }
        over = end;
        info.upstreamBytesReceived += data.readableBytes();
        owner.onResponseData(this, data, end);
    }

    @Override
    public void onTrailers(Headers trailers) {
        if (!over) {
            over = true;
            owner.onResponseTrailers(this, trailers);
        }
    }

    @Override
    public void onReset(StreamReset reason, String details) {
        if (!over) {
            over = true;
            stream = null;
            owner.onTryFailed(this, reason, details, false);
        } else {
            stream = null;
        }
    }

    @Override
    public void onWritable() {
        owner.onWritable(this);
    }

    boolean receiving() {
        return !over;
    }

    long elapsedMillis() {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    /** Gives it up; no event is passed on any more. */
    void cancel() {
        boolean ended = over;
        over = true;
        StreamPool.Request request = waiting;
        waiting = null;
        if (request != null) {
            request.cancel();
        }
        HttpStream.Request open = stream;
        stream = null;
        if (open != null && (!ended || !owner.requestSent())) {
            open.reset(StreamReset.LOCAL_RESET);
        }
    }
}
