package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Gauge;
import dev.outrider.proxy.telemetry.Histogram;
import dev.outrider.proxy.telemetry.Stats;
import org.jspecify.annotations.Nullable;

/** Handles on {@code cluster.<name>.*} under Envoy's names, taken once. */
public final class ClusterStats {

    public final Counter upstreamRqTotal;
    public final Counter upstreamRqCompleted;
    public final Gauge upstreamRqActive;
    public final Gauge upstreamRqPendingActive;
    public final Counter upstreamRqPendingTotal;
    public final Counter upstreamRqPendingOverflow;
    public final Counter upstreamRqPendingFailureEject;
    public final Counter upstreamRqCancelled;
    public final Counter upstreamRqTimeout;
    public final Counter upstreamRqPerTryTimeout;
    public final Counter upstreamRqRxReset;
    public final Counter upstreamRqTxReset;
    public final Counter upstreamRqRetry;
    public final Counter upstreamRqRetrySuccess;
    public final Counter upstreamRqRetryOverflow;
    public final Counter upstreamRqRetryLimitExceeded;
    public final Counter upstreamRqMaintenanceMode;
    public final Counter upstreamCxTotal;
    public final Gauge upstreamCxActive;
    public final Counter upstreamCxHttp1Total;
    public final Counter upstreamCxHttp2Total;
    public final Counter upstreamCxConnectFail;
    public final Counter upstreamCxConnectTimeout;
    public final Counter upstreamCxOverflow;
    public final Counter upstreamCxDestroy;
    public final Counter upstreamCxDestroyLocal;
    public final Counter upstreamCxDestroyRemote;
    public final Counter upstreamCxDestroyWithActiveRq;
    public final Counter upstreamCxRxBytesTotal;
    public final Counter upstreamCxTxBytesTotal;
    public final Counter upstreamCxNoneHealthy;
    public final Counter upstreamCxConnectAttemptsExceeded;
    public final Histogram upstreamRqTime;
    public final Histogram upstreamCxLengthMs;
    public final Gauge membershipTotal;
    public final Gauge membershipHealthy;
    public final Gauge membershipDegraded;
    public final Counter membershipChange;
    public final Counter updateAttempt;
    public final Counter updateSuccess;
    public final Counter updateFailure;
    public final Counter lbHealthyPanic;
    private static final int FIRST_STATUS = 100;
    private static final int LAST_STATUS = 599;

    private final Counter[] statusClass = new Counter[6];
    /** By code, each made with its first answer, the array with the cluster's first; a race finds the same counter twice. */
    private @Nullable Counter @Nullable [] codes;
    private final Stats stats;
    private final String prefix;

    public ClusterStats(Stats stats, String statName) {
        this.stats = stats;
        prefix = "cluster." + statName + ".";
        upstreamRqTotal = counter("upstream_rq_total");
        upstreamRqCompleted = counter("upstream_rq_completed");
        upstreamRqActive = stats.gauge(prefix + "upstream_rq_active");
        upstreamRqPendingActive = stats.gauge(prefix + "upstream_rq_pending_active");
        upstreamRqPendingTotal = counter("upstream_rq_pending_total");
        upstreamRqPendingOverflow = counter("upstream_rq_pending_overflow");
        upstreamRqPendingFailureEject = counter("upstream_rq_pending_failure_eject");
        upstreamRqCancelled = counter("upstream_rq_cancelled");
        upstreamRqTimeout = counter("upstream_rq_timeout");
        upstreamRqPerTryTimeout = counter("upstream_rq_per_try_timeout");
        upstreamRqRxReset = counter("upstream_rq_rx_reset");
        upstreamRqTxReset = counter("upstream_rq_tx_reset");
        upstreamRqRetry = counter("upstream_rq_retry");
        upstreamRqRetrySuccess = counter("upstream_rq_retry_success");
        upstreamRqRetryOverflow = counter("upstream_rq_retry_overflow");
        upstreamRqRetryLimitExceeded = counter("upstream_rq_retry_limit_exceeded");
        upstreamRqMaintenanceMode = counter("upstream_rq_maintenance_mode");
        upstreamCxTotal = counter("upstream_cx_total");
        upstreamCxActive = stats.gauge(prefix + "upstream_cx_active");
        upstreamCxHttp1Total = counter("upstream_cx_http1_total");
        upstreamCxHttp2Total = counter("upstream_cx_http2_total");
        upstreamCxConnectFail = counter("upstream_cx_connect_fail");
        upstreamCxConnectTimeout = counter("upstream_cx_connect_timeout");
        upstreamCxOverflow = counter("upstream_cx_overflow");
        upstreamCxDestroy = counter("upstream_cx_destroy");
        upstreamCxDestroyLocal = counter("upstream_cx_destroy_local");
        upstreamCxDestroyRemote = counter("upstream_cx_destroy_remote");
        upstreamCxDestroyWithActiveRq = counter("upstream_cx_destroy_with_active_rq");
        upstreamCxRxBytesTotal = counter("upstream_cx_rx_bytes_total");
        upstreamCxTxBytesTotal = counter("upstream_cx_tx_bytes_total");
        upstreamCxNoneHealthy = counter("upstream_cx_none_healthy");
        upstreamCxConnectAttemptsExceeded = counter("upstream_cx_connect_attempts_exceeded");
        upstreamRqTime = stats.histogram(prefix + "upstream_rq_time");
        upstreamCxLengthMs = stats.histogram(prefix + "upstream_cx_length_ms");
        membershipTotal = stats.gauge(prefix + "membership_total");
        membershipHealthy = stats.gauge(prefix + "membership_healthy");
        membershipDegraded = stats.gauge(prefix + "membership_degraded");
        membershipChange = counter("membership_change");
        updateAttempt = counter("update_attempt");
        updateSuccess = counter("update_success");
        updateFailure = counter("update_failure");
        lbHealthyPanic = counter("lb_healthy_panic");
        for (int i = 1; i < statusClass.length; i++) {
            statusClass[i] = counter("upstream_rq_" + i + "xx");
        }
    }

    private Counter counter(String name) {
        return stats.counter(prefix + name);
    }

    /** Counts a final answer: {@code upstream_rq_<n>xx}, {@code upstream_rq_<code>} and completion. */
    public void answered(int status) {
        upstreamRqCompleted.inc();
        int group = status / 100;
        if (group >= 1 && group < statusClass.length) {
            statusClass[group].inc();
        }
        code(status).inc();
    }

    private Counter code(int status) {
        if (status < FIRST_STATUS || status > LAST_STATUS) {
            return counter("upstream_rq_" + status);
        }
        @Nullable Counter[] known = codes;
        if (known == null) {
            known = new Counter[LAST_STATUS - FIRST_STATUS + 1];
            codes = known;
        }
        Counter counter = known[status - FIRST_STATUS];
        if (counter == null) {
            counter = counter("upstream_rq_" + status);
            known[status - FIRST_STATUS] = counter;
        }
        return counter;
    }

    /** {@code cluster.<name>.}, for names made elsewhere. */
    public String prefix() {
        return prefix;
    }
}
