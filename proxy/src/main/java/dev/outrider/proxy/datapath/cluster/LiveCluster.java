package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.endpoint.Balancer;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.HostHealth;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.RouteAction.Priority;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A cluster at run time. Until somebody asks for it, it is no more than its parsed form: statistics, hosts and timers are made on first
 * use, because most of a mesh's clusters are never called from one machine. Read on any loop; configured on the control loop.
 */
final class LiveCluster implements ClusterState {

    /** Longer clean-up intervals mean never (istiod sends 292 years). */
    private static final long LONGEST_SWEEP_NANOS = TimeUnit.DAYS.toNanos(1);

    private final Cluster model;
    private final ClusterRuntime runtime;
    private final AtomicReference<@Nullable ClusterLoadAssignment> assignment = new AtomicReference<>();
    private volatile @Nullable Parts parts;
    private boolean closed;

    LiveCluster(Cluster model, ClusterRuntime runtime) {
        this.model = model;
        this.runtime = runtime;
    }

    /** What is made on first use. */
    private final class Parts {
        final ClusterStats stats = new ClusterStats(runtime.stats(), model.statName());
        final Breakers breakers = new Breakers(stats, model.circuitBreakers());
        final Balancer balancer = new Balancer(model.lbPolicy(), model.lbConfig(), stats.lbHealthyPanic);
        final HostTable table;
        final OriginalDestinations destinations;
        final @Nullable OutlierDetector outliers;
        final List<ScheduledFuture<?>> timers = new ArrayList<>();
        volatile int hostCount;

        Parts() {
            var origins = new Origins(model, runtime.tls(), breakers);
            table = new HostTable(origins, this::gone);
            destinations = new OriginalDestinations(model, origins, this::gone);
            Cluster.OutlierDetection detection = model.outlierDetection();
            outliers = detection == null
                    ? null
                    : new OutlierDetector(detection, stats.prefix(), runtime.stats(), () -> hostCount, this::healthChanged, System::nanoTime);
            if (outliers != null && outliers.intervalNanos() > 0) {
                every(outliers.intervalNanos(), outliers::sweep);
            }
            long cleanup = model.cleanupIntervalNanos();
            if (model.discovery() == Cluster.Discovery.ORIGINAL_DST && cleanup > 0 && cleanup <= LONGEST_SWEEP_NANOS) {
                every(cleanup, destinations::sweep);
            }
        }

        private void every(long nanos, Runnable task) {
            timers.add(runtime.control().scheduleWithFixedDelay(task, nanos, nanos, TimeUnit.NANOSECONDS));
        }

        private void gone(Host host) {
            if (outliers != null) {
                outliers.forget(host);
            }
            runtime.originGone().accept(host.origin());
        }

        private void healthChanged() {
            balancer.healthChanged();
            countHealth();
        }

        void update(ClusterLoadAssignment newer) {
            int before = hostCount;
            balancer.update(table.update(newer), newer.overprovisioningPercent());
            Collection<Host> all = table.all();
            hostCount = all.size();
            stats.membershipTotal.set(hostCount);
            if (before != hostCount) {
                stats.membershipChange.inc();
            }
            countHealth();
        }

        private void countHealth() {
            Collection<Host> all = table.all();
            stats.membershipHealthy.set(all.stream().filter(h -> HostHealth.of(h) == HostHealth.HEALTHY).count());
            stats.membershipDegraded.set(all.stream().filter(h -> HostHealth.of(h) == HostHealth.DEGRADED).count());
        }
    }

    private Parts parts() {
        Parts made = parts;
        return made == null ? make() : made;
    }

    private synchronized Parts make() {
        Parts made = parts;
        if (made == null) {
            made = new Parts();
            ClusterLoadAssignment known = assignment.get();
            if (known != null) {
                made.update(known);
            }
            if (closed) {
                made.timers.forEach(t -> t.cancel(false));
            }
            parts = made;
        }
        return made;
    }

    /** New endpoints, names resolved. */
    synchronized void assign(ClusterLoadAssignment newer) {
        if (newer.equals(assignment.getAndSet(newer))) {
            return;
        }
        Parts made = parts;
        if (made != null) {
            made.stats.updateSuccess.inc();
            made.update(newer);
        }
    }

    /** Its configuration is gone: no new hosts, idle connections close; what is under way goes on. */
    synchronized void close() {
        closed = true;
        Parts made = parts;
        if (made != null) {
            made.timers.forEach(t -> t.cancel(false));
            hosts().forEach(h -> runtime.originGone().accept(h.origin()));
        }
    }

    @Override
    public Cluster model() {
        return model;
    }

    @Override
    public ClusterStats stats() {
        return parts().stats;
    }

    @Override
    public boolean warm() {
        return assignment.get() != null || model.discovery() == Cluster.Discovery.ORIGINAL_DST;
    }

    @Override
    public @Nullable Host pick(PickContext context) {
        Parts made = parts();
        Host host = model.discovery() == Cluster.Discovery.ORIGINAL_DST
                ? made.destinations.pick(context.originalDestination())
                : made.balancer.pick(context);
        if (host == null) {
            made.stats.upstreamCxNoneHealthy.inc();
        }
        return host;
    }

    @Override
    public boolean tryRequest(Priority priority) {
        return parts().breakers.tryRequest(priority);
    }

    @Override
    public void releaseRequest(Priority priority) {
        parts().breakers.releaseRequest(priority);
    }

    @Override
    public boolean tryRetry(Priority priority) {
        return parts().breakers.tryRetry(priority);
    }

    @Override
    public void releaseRetry(Priority priority) {
        parts().breakers.releaseRetry(priority);
    }

    @Override
    public void report(Host host, int status) {
        OutlierDetector detector = parts().outliers;
        if (detector != null) {
            detector.report(host, status);
        }
    }

    @Override
    public Collection<Host> hosts() {
        Parts made = parts();
        return model.discovery() == Cluster.Discovery.ORIGINAL_DST ? made.destinations.all() : made.table.all();
    }
}
