package dev.outrider.xds.model;

import dev.outrider.xds.model.source.ResourceRef;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * envoy.config.cluster.v3.Cluster.
 *
 * @param eds its endpoints for {@link Discovery#EDS}, else null
 * @param loadAssignment endpoints given inline (STATIC and DNS types), else null
 * @param altStatName name in statistics, empty = name
 * @param bufferLimitBytes high watermark of one upstream connection's buffers
 * @param filters upstream network filters
 */
public record Cluster(
        String name,
        String altStatName,
        Discovery discovery,
        @Nullable ResourceRef eds,
        @Nullable ClusterLoadAssignment loadAssignment,
        LbPolicy lbPolicy,
        LbConfig lbConfig,
        long connectTimeoutNanos,
        CircuitBreakers circuitBreakers,
        @Nullable OutlierDetection outlierDetection,
        TransportSocket transportSocket,
        List<TransportSocketMatch> transportSocketMatches,
        HttpProtocolOptions http,
        List<NetworkFilter> filters,
        @Nullable BindConfig bind,
        @Nullable TcpKeepalive keepalive,
        Dns dns,
        int originalDstPortOverride,
        @Nullable String originalDstHeader,
        long cleanupIntervalNanos,
        long bufferLimitBytes,
        Metadata metadata) {

    public enum Discovery { STATIC, EDS, STRICT_DNS, LOGICAL_DNS, ORIGINAL_DST }

    public enum LbPolicy { ROUND_ROBIN, LEAST_REQUEST, RANDOM, RING_HASH, MAGLEV, CLUSTER_PROVIDED }

    /** What to subscribe to for {@link Discovery#EDS}, else empty. */
    public String edsServiceName() {
        return eds == null ? "" : eds.name();
    }

    /** {@code alt_stat_name}, else the name, as used in {@code cluster.<x>.*}. */
    public String statName() {
        return altStatName.isEmpty() ? name : altStatName;
    }

    /**
     * @param panicThresholdPercent 50 by default, 0 = never panic
     * @param localityWeighted endpoints are picked by locality weight first
     * @param slowStartWindowNanos 0 = off
     */
    public record LbConfig(
            double panicThresholdPercent,
            boolean localityWeighted,
            int leastRequestChoices,
            double activeRequestBias,
            long minRingSize,
            long maxRingSize,
            long maglevTableSize,
            long slowStartWindowNanos,
            double slowStartAggression,
            double slowStartMinWeightPercent) {}

    /** Thresholds of DEFAULT and HIGH priority. */
    public record CircuitBreakers(Threshold defaults, Threshold high) {

        /** Envoy's own defaults: 1024, 1024, 1024, 3. A budget of -1 means that {@code maxRetries} counts. */
        public record Threshold(
                long maxConnections,
                long maxPendingRequests,
                long maxRequests,
                long maxRetries,
                double retryBudgetPercent,
                long minRetryConcurrency) {}
    }

    /** envoy.config.cluster.v3.OutlierDetection; enforcing percentages 0..100. */
    public record OutlierDetection(
            long intervalNanos,
            long baseEjectionNanos,
            long maxEjectionNanos,
            int maxEjectionPercent,
            int consecutive5xx,
            int enforcingConsecutive5xx,
            int consecutiveGatewayFailure,
            int enforcingConsecutiveGatewayFailure,
            boolean splitExternalLocalOriginErrors,
            int consecutiveLocalOriginFailure,
            int enforcingConsecutiveLocalOriginFailure) {}

    /** First entry whose every pair equals the endpoint's {@code envoy.transport_socket_match} metadata. */
    public record TransportSocketMatch(String name, Map<String, String> match, TransportSocket socket) {}

    /**
     * envoy.extensions.upstreams.http.v3.HttpProtocolOptions.
     *
     * @param idleTimeoutNanos of a pooled connection, 1 h by default, 0 = never
     * @param maxRequestsPerConnection 0 = unlimited
     */
    public record HttpProtocolOptions(
            Protocol protocol,
            long idleTimeoutNanos,
            long maxRequestsPerConnection,
            long maxConnectionDurationNanos,
            long maxStreamDurationNanos,
            long maxConcurrentStreams,
            long initialStreamWindow,
            long initialConnectionWindow,
            boolean autoSni,
            boolean autoSanValidation,
            boolean preserveCase,
            boolean enableTrailers,
            long keepaliveIntervalNanos,
            long keepaliveTimeoutNanos) {

        /** DOWNSTREAM: as the client speaks; AUTO: by ALPN. */
        public enum Protocol { HTTP1, HTTP2, DOWNSTREAM, AUTO }
    }

    /** Source address of upstream connections; {@code extra} for the other family. */
    public record BindConfig(Address.Ip source, List<Address.Ip> extra) {}

    /** 0 = the kernel's own. */
    public record TcpKeepalive(int probes, int timeSeconds, int intervalSeconds) {}

    public record Dns(long refreshNanos, boolean respectTtl, Family family, long jitterNanos) {
        public enum Family { AUTO, V4_ONLY, V6_ONLY, V4_PREFERRED, ALL }
    }
}
