package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.protocol.head.RequestIds;
import dev.outrider.proxy.datapath.protocol.head.XfccHeader;
import dev.outrider.proxy.datapath.route.RouteDecision;
import dev.outrider.proxy.datapath.route.RouteQuery;
import dev.outrider.proxy.datapath.route.RouteTable;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Sanitises heads and finds their routes and clusters, noting both in the stream's record. One per connection; loop-confined. */
final class RequestRouting {

    private final HttpProgram program;
    private final XfccHeader xfcc;
    private final boolean keepsId;
    private @Nullable ClusterState cluster;

    RequestRouting(HttpProgram program, XfccHeader xfcc) {
        this.program = program;
        keepsId = program.model.forwarding().alwaysSetRequestIdInResponse();
        this.xfcc = xfcc;
    }

    /** Null: no route. */
    @Nullable RouteDecision route(RequestHead request, StreamInfo info) {
        cluster = null;
        boolean internal = program.sanitizer.apply(request, info);
        xfcc.apply(request.headers());
        info.traceSampled = RequestIds.sample(request, program.model.tracing());
        if (keepsId) {
            String id = request.headers().get(HeaderName.X_REQUEST_ID);
            info.requestId = id == null ? "" : id;
        }
        RouteTable table = program.routes();
        if (table == null) {
            return null;
        }
        if (!internal) {
            table.removeInternalOnly(request);
        }
        RouteQuery query = new RouteQuery(request, info);
        query.random = ThreadLocalRandom.current().nextLong() & Long.MAX_VALUE;
        query.internal = internal;
        RouteDecision decision = table.route(query);
        if (decision != null) {
            note(decision, info);
        }
        return decision;
    }

    private void note(RouteDecision decision, StreamInfo info) {
        info.routeName = decision.model().name();
        info.routeMetadata = decision.model().metadata();
        info.virtualHostName = decision.virtualHost() == null ? "" : decision.virtualHost().name();
        if (decision.plan() == null) {
            return;
        }
        ClusterState found = program.environment.clusters().cluster(decision.cluster());
        cluster = found;
        if (found != null) {
            info.upstreamCluster = decision.cluster();
            info.upstreamClusterMetadata = found.model().metadata();
        }
    }

    /** Of the last route; null where it does not forward, or where there is no such cluster. */
    @Nullable ClusterState cluster() {
        return cluster;
    }
}
