package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Gauge;
import dev.outrider.proxy.telemetry.Histogram;
import dev.outrider.proxy.telemetry.Stats;

/** Handles on {@code http.<prefix>.*} under Envoy's names, taken once. */
final class HttpStats {

    final Counter cxTotal;
    final Gauge cxActive;
    final Counter cxHttp1Total;
    final Counter cxHttp2Total;
    final Gauge cxHttp1Active;
    final Gauge cxHttp2Active;
    final Counter cxSslTotal;
    final Counter cxDestroy;
    final Counter cxDestroyRemoteActiveRq;
    final Counter cxIdleTimeout;
    final Counter cxMaxDuration;
    final Counter cxDrainClose;
    final Counter cxProtocolError;
    final Histogram cxLength;
    final Counter rqTotal;
    final Gauge rqActive;
    final Counter rqCompleted;
    final Counter rqHttp1;
    final Counter rqHttp2;
    final Counter rqRxReset;
    final Counter rqTxReset;
    final Counter rqIdleTimeout;
    final Counter rqTimeout;
    final Counter rqMaxDuration;
    final Counter rqNonRelativePath;
    final Counter rqPathNormalizationFailed;
    final Counter rqResponseBeforeComplete;
    final Counter rqWsOnNonWsRoute;
    final Histogram rqTime;
    final Counter noRoute;
    final Counter noCluster;
    final Counter rqDirectResponse;
    final Counter rqRedirect;
    final Counter routerRqTotal;
    final Counter resetAfterResponse;
    private final Counter[] classes = new Counter[6];

    HttpStats(Stats stats, String statPrefix) {
        String p = "http." + statPrefix + ".";
        cxTotal = stats.counter(p + "downstream_cx_total");
        cxActive = stats.gauge(p + "downstream_cx_active");
        cxHttp1Total = stats.counter(p + "downstream_cx_http1_total");
        cxHttp2Total = stats.counter(p + "downstream_cx_http2_total");
        cxHttp1Active = stats.gauge(p + "downstream_cx_http1_active");
        cxHttp2Active = stats.gauge(p + "downstream_cx_http2_active");
        cxSslTotal = stats.counter(p + "downstream_cx_ssl_total");
        cxDestroy = stats.counter(p + "downstream_cx_destroy");
        cxDestroyRemoteActiveRq = stats.counter(p + "downstream_cx_destroy_remote_active_rq");
        cxIdleTimeout = stats.counter(p + "downstream_cx_idle_timeout");
        cxMaxDuration = stats.counter(p + "downstream_cx_max_duration_reached");
        cxDrainClose = stats.counter(p + "downstream_cx_drain_close");
        cxProtocolError = stats.counter(p + "downstream_cx_protocol_error");
        cxLength = stats.histogram(p + "downstream_cx_length_ms");
        rqTotal = stats.counter(p + "downstream_rq_total");
        rqActive = stats.gauge(p + "downstream_rq_active");
        rqCompleted = stats.counter(p + "downstream_rq_completed");
        rqHttp1 = stats.counter(p + "downstream_rq_http1_total");
        rqHttp2 = stats.counter(p + "downstream_rq_http2_total");
        rqRxReset = stats.counter(p + "downstream_rq_rx_reset");
        rqTxReset = stats.counter(p + "downstream_rq_tx_reset");
        rqIdleTimeout = stats.counter(p + "downstream_rq_idle_timeout");
        rqTimeout = stats.counter(p + "downstream_rq_timeout");
        rqMaxDuration = stats.counter(p + "downstream_rq_max_duration_reached");
        rqNonRelativePath = stats.counter(p + "downstream_rq_non_relative_path");
        rqPathNormalizationFailed = stats.counter(p + "downstream_rq_failed_path_normalization");
        rqResponseBeforeComplete = stats.counter(p + "downstream_rq_response_before_rq_complete");
        rqWsOnNonWsRoute = stats.counter(p + "downstream_rq_ws_on_non_ws_route");
        rqTime = stats.histogram(p + "downstream_rq_time");
        noRoute = stats.counter(p + "no_route");
        noCluster = stats.counter(p + "no_cluster");
        rqDirectResponse = stats.counter(p + "rq_direct_response");
        rqRedirect = stats.counter(p + "rq_redirect");
        routerRqTotal = stats.counter(p + "rq_total");
        resetAfterResponse = stats.counter(p + "rq_reset_after_downstream_response_started");
        for (int i = 1; i < classes.length; i++) {
            classes[i] = stats.counter(p + "downstream_rq_" + i + "xx");
        }
    }

    void answered(int status) {
        rqCompleted.inc();
        int group = status / 100;
        if (group > 0 && group < classes.length) {
            classes[group].inc();
        }
    }
}
