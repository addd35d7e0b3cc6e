package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.proxy.datapath.upstream.StreamPool;
import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.RouteAction.Mirror;
import dev.outrider.xds.model.RouteAction.Priority;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Copies of a request to other clusters (request_mirror_policies). They are sent when the request is complete; its body is kept up to the
 * listener's buffer limit, beyond which nothing is mirrored. Answers are thrown away. Loop-confined.
 */
final class Mirrors {

    private final Exchange exchange;
    private final List<ClusterState> clusters = new ArrayList<>();
    private final List<RequestHead> heads = new ArrayList<>();
    private final RequestBody body = new RequestBody();
    private boolean over;

    private Mirrors(Exchange exchange) {
        this.exchange = exchange;
    }

    /** Null where no policy draws this request. */
    static @Nullable Mirrors start(Exchange exchange, List<Mirror> policies, boolean ended) {
        Mirrors mirrors = new Mirrors(exchange);
        for (Mirror policy : policies) {
            if (ThreadLocalRandom.current().nextLong(policy.share().denominator()) >= policy.share().numerator()) {
                continue;
            }
            String name = policy.cluster();
            if (name.isEmpty() && !policy.clusterHeader().isEmpty()) {
                name = HeaderMatch.field(exchange.request, HeaderName.of(policy.clusterHeader()));
            }
            ClusterState cluster = name == null || name.isEmpty() ? null : exchange.program.environment.clusters().cluster(name);
            if (cluster != null) {
                RequestHead copy = new RequestHead();
                copy.copyFrom(exchange.request);
                if (policy.appendShadowSuffix()) {
                    copy.authority(shadow(copy.authority()));
                }
                mirrors.clusters.add(cluster);
                mirrors.heads.add(copy);
            }
        }
        if (mirrors.clusters.isEmpty()) {
            return null;
        }
        if (ended) {
            mirrors.end();
        }
        return mirrors;
    }

    /** {@code host-shadow:port}. */
    private static String shadow(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon < 0 || authority.indexOf(']', colon) >= 0
                ? authority + "-shadow" : authority.substring(0, colon) + "-shadow" + authority.substring(colon);
    }

    /** Looks at a piece without taking it. */
    void data(ByteBuf data, boolean end) {
        if (over) {
            return;
        }
        if (body.size() + data.readableBytes() > exchange.connection.downstream.listener().bufferLimitBytes()) {
            drop();
            return;
        }
        if (data.isReadable()) {
            body.add(data.retainedDuplicate());
        }
        if (end) {
            end();
        }
    }

    void end() {
        if (over) {
            return;
        }
        for (int i = 0; i < clusters.size(); i++) {
            send(clusters.get(i), heads.get(i));
        }
        drop();
    }

    /** The request will not become complete. */
    void drop() {
        over = true;
        body.release();
    }

    private void send(ClusterState cluster, RequestHead head) {
        Host host = cluster.warm() ? cluster.pick(PickContext.PLAIN) : null;
        if (host == null || !cluster.tryRequest(Priority.DEFAULT)) {
            return;
        }
        Copy copy = new Copy(cluster, host, head);
        for (ByteBuf piece : body.pieces()) {
            copy.body.add(piece.retainedDuplicate());
        }
        host.begin();
        cluster.stats().upstreamRqTotal.inc();
        boolean http2 = UpstreamTry.http2(cluster, exchange.connection.http2());
        exchange.program.environment.pools().pool(exchange.loop()).stream(host.origin(), http2, exchange.filters().alpn, "", copy, copy);
    }

    /** One copy under way. */
    private static final class Copy implements StreamPool.Waiter, StreamEvents.Response {
        private final ClusterState cluster;
        private final Host host;
        private final RequestHead head;
        private final RequestBody body = new RequestBody();
        private boolean over;

        Copy(ClusterState cluster, Host host, RequestHead head) {
            this.cluster = cluster;
            this.host = host;
            this.head = head;
        }

        @Override
        public void onStream(HttpStream.Request stream, StreamPool.Connected connection) {
            stream.sendHead(head, body.isEmpty());
            ByteBuf piece = body.poll();
            while (piece != null) {
                stream.sendData(piece, body.isEmpty());
                piece = body.poll();
            }
        }

        @Override
        public void onFailure(StreamReset reason, String details) {
            end(false);
        }

        @Override
        public void onInformational(ResponseHead informational) {}

        @Override
        public void onHead(ResponseHead answer, boolean end) {
            cluster.stats().answered(answer.status());
            if (end) {
                end(true);
            }
        }

        @Override
        public void onData(ByteBuf data, boolean end) {
            data.release();
            if (end) {
                end(true);
            }
        }

        @Override
        public void onTrailers(Headers trailers) {
            end(true);
        }

        @Override
        public void onReset(StreamReset reason, String details) {
            end(false);
        }

        @Override
        public void onWritable() {}

        private void end(boolean success) {
            if (!over) {
                over = true;
                body.release();
                host.end(success);
                cluster.releaseRequest(Priority.DEFAULT);
            }
        }
    }
}
