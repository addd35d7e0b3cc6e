package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.RouteAction.Priority;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** A cluster at run time. Any loop. */
public interface ClusterState {

    Cluster model();

    ClusterStats stats();

    /** False while it is warming (no endpoints yet, a secret missing): answers are 503. */
    boolean warm();

    /** The chosen host, or null: no healthy upstream. */
    @Nullable Host pick(PickContext context);

    /** Circuit breaker on active requests; true is paired with {@link #releaseRequest}. */
    boolean tryRequest(Priority priority);

    void releaseRequest(Priority priority);

    /** Circuit breaker (or budget) on retries. */
    boolean tryRetry(Priority priority);

    void releaseRetry(Priority priority);

    /** Result of one request for outlier detection: HTTP status, or -1 for a failure of local origin (connect, reset, timeout). */
    void report(Host host, int status);

    /** For admin: every host with its priority order. */
    Collection<Host> hosts();

    /** Looks clusters up by name; null = there is no such cluster. */
    interface Source {
        @Nullable ClusterState cluster(String name);
    }
}
