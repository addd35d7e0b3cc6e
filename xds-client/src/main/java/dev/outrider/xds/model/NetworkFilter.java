package dev.outrider.xds.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A filter of a filter chain, or (MetadataExchange) of a cluster's upstream connections. */
public sealed interface NetworkFilter permits HttpConnectionManager, NetworkFilter.TcpProxy, NetworkFilter.MetadataExchange,
        NetworkFilter.IstioStats, NetworkFilter.NetworkRbac, NetworkFilter.Observer {

    /**
     * envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.
     *
     * @param clusters one entry for a plain cluster, several for weighted ones
     * @param idleTimeoutNanos 0 = never
     * @param maxConnectAttempts at least 1
     */
    record TcpProxy(
            String statPrefix,
            List<Weighted> clusters,
            long idleTimeoutNanos,
            long maxConnectionDurationNanos,
            int maxConnectAttempts,
            boolean hashSourceIp,
            List<AccessLog> accessLogs) implements NetworkFilter {

        public record Weighted(String cluster, long weight) {}
    }

    /** envoy.tcp.metadataexchange.config.MetadataExchange (Istio): the preamble when ALPN {@code protocol} was negotiated. */
    record MetadataExchange(String protocol, boolean enableDiscovery) implements NetworkFilter {}

    /** stats.PluginConfig (Istio), as network filter or as {@link HttpFilter.IstioStats}. */
    record IstioStats(StatsConfig config) implements NetworkFilter {}

    /** envoy.extensions.filters.network.rbac.v3.RBAC. */
    record NetworkRbac(@Nullable Rbac rules, @Nullable Rbac shadowRules, String statPrefix, String shadowStatPrefix)
            implements NetworkFilter {}

    /** An extension that only observes and is not built: accepted, without effect, named once in log and config dump. */
    record Observer(String name, String typeUrl) implements NetworkFilter {}

    /**
     * Overrides of Istio's metrics.
     *
     * @param tcpReportingNanos how often open TCP connections report, 0 = the default (5 s)
     */
    record StatsConfig(boolean disableHostHeaderFallback, long tcpReportingNanos, List<MetricOverride> metrics) {}

    /** {@code dimensions}: label to CEL expression. */
    record MetricOverride(String name, Map<String, String> dimensions, List<String> tagsToRemove, boolean drop) {}
}
