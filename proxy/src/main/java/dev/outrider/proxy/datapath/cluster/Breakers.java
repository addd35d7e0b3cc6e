package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.xds.model.Cluster.CircuitBreakers;
import dev.outrider.xds.model.Cluster.CircuitBreakers.Threshold;
import dev.outrider.xds.model.RouteAction.Priority;
import java.util.concurrent.atomic.AtomicLong;

/** Circuit breakers of one cluster (envoy.config.cluster.v3.CircuitBreakers), shared by all loops. Counts what it turns away. */
final class Breakers implements Origin.Limits {

    private final ClusterStats stats;
    private final Threshold defaults;
    private final Threshold high;
    private final AtomicLong connections = new AtomicLong();
    private final AtomicLong pending = new AtomicLong();
    private final AtomicLong[] requests = {new AtomicLong(), new AtomicLong()};
    private final AtomicLong[] retries = {new AtomicLong(), new AtomicLong()};

    Breakers(ClusterStats stats, CircuitBreakers config) {
        this.stats = stats;
        defaults = config.defaults();
        high = config.high();
    }

    private static boolean take(AtomicLong used, long limit) {
        if (used.incrementAndGet() <= limit) {
            return true;
        }
        used.decrementAndGet();
        return false;
    }

    private Threshold threshold(Priority priority) {
        return priority == Priority.HIGH ? high : defaults;
    }

    private static int index(Priority priority) {
        return priority == Priority.HIGH ? 1 : 0;
    }

    boolean tryRequest(Priority priority) {
        if (take(requests[index(priority)], threshold(priority).maxRequests())) {
            stats.upstreamRqActive.inc();
            return true;
        }
        stats.upstreamRqPendingOverflow.inc();
        return false;
    }

    void releaseRequest(Priority priority) {
        requests[index(priority)].decrementAndGet();
        stats.upstreamRqActive.dec();
    }

    boolean tryRetry(Priority priority) {
        Threshold limit = threshold(priority);
        long allowed = limit.maxRetries();
        if (limit.retryBudgetPercent() >= 0) {
            double share = (requests[index(priority)].get() + pending.get()) * limit.retryBudgetPercent() / 100;
            allowed = Math.max(limit.minRetryConcurrency(), (long) share);
        }
        if (take(retries[index(priority)], allowed)) {
            return true;
        }
        stats.upstreamRqRetryOverflow.inc();
        return false;
    }

    void releaseRetry(Priority priority) {
        retries[index(priority)].decrementAndGet();
    }

    @Override
    public boolean tryConnection() {
        if (take(connections, defaults.maxConnections())) {
            return true;
        }
        stats.upstreamCxOverflow.inc();
        return false;
    }

    @Override
    public void releaseConnection() {
        connections.decrementAndGet();
    }

    @Override
    public boolean tryPending() {
        if (take(pending, defaults.maxPendingRequests())) {
            stats.upstreamRqPendingTotal.inc();
            stats.upstreamRqPendingActive.inc();
            return true;
        }
        stats.upstreamRqPendingOverflow.inc();
        return false;
    }

    @Override
    public void releasePending() {
        pending.decrementAndGet();
        stats.upstreamRqPendingActive.dec();
    }

    @Override
    public void connected(boolean http2) {
        connectedTcp();
        (http2 ? stats.upstreamCxHttp2Total : stats.upstreamCxHttp1Total).inc();
    }

    @Override
    public void connectedTcp() {
        stats.upstreamCxTotal.inc();
        stats.upstreamCxActive.inc();
    }

    @Override
    public void connectFailed(boolean timeout) {
        stats.upstreamCxTotal.inc();
        stats.upstreamCxConnectFail.inc();
        if (timeout) {
            stats.upstreamCxConnectTimeout.inc();
        }
    }

    @Override
    public void closed(boolean byPeer, boolean withActiveRequests) {
        stats.upstreamCxActive.dec();
        stats.upstreamCxDestroy.inc();
        (byPeer ? stats.upstreamCxDestroyRemote : stats.upstreamCxDestroyLocal).inc();
        if (withActiveRequests) {
            stats.upstreamCxDestroyWithActiveRq.inc();
        }
    }

    @Override
    public void bytes(long read, long written) {
        stats.upstreamCxRxBytesTotal.add(read);
        stats.upstreamCxTxBytesTotal.add(written);
    }
}
