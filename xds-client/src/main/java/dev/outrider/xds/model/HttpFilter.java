package dev.outrider.xds.model;

import dev.outrider.xds.model.match.Matchers;
import dev.outrider.xds.model.match.StringMatcher;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A filter of an HTTP connection manager. What can gate or change a request and is not here makes its listener be rejected. */
public sealed interface HttpFilter {

    /** The configured name, to which per-route configuration refers. */
    String name();

    /** Last of every chain. */
    record Router(String name, boolean suppressEnvoyHeaders) implements HttpFilter {}

    /** io.istio.http.peer_metadata.Config: which side discovers and propagates by Istio's headers. */
    record PeerMetadata(
            String name,
            boolean downstreamDiscovery,
            boolean upstreamDiscovery,
            boolean downstreamPropagation,
            boolean upstreamPropagation,
            boolean skipExternalClusters,
            List<String> additionalLabels) implements HttpFilter {}

    /** istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig: ALPN list by upstream protocol (HTTP10, HTTP11, HTTP2). */
    record Alpn(String name, Map<String, List<String>> overrides) implements HttpFilter {}

    record IstioStats(String name, NetworkFilter.StatsConfig config) implements HttpFilter {}

    record GrpcStats(String name, boolean emitFilterState) implements HttpFilter {}

    /** {@code policy} null: only routes carry faults. */
    record Fault(String name, @Nullable FaultPolicy policy) implements HttpFilter {}

    record Cors(String name) implements HttpFilter {}

    /** {@code rules} null: only routes or shadow rules. */
    record HttpRbac(String name, @Nullable Rbac rules, @Nullable Rbac shadowRules, String shadowStatPrefix) implements HttpFilter {}

    /** An extension that only observes and is not built: accepted, without effect, named once in log and config dump. */
    record Observer(String name, String typeUrl) implements HttpFilter {}

    /** typed_per_filter_config of a route, virtual host or weighted cluster. */
    sealed interface PerRoute {

        record Disabled() implements PerRoute {}

        record FaultPerRoute(FaultPolicy policy) implements PerRoute {}

        record CorsPerRoute(CorsPolicy policy) implements PerRoute {}

        /** {@code rbac} null: no policy on this route. */
        record RbacPerRoute(@Nullable HttpRbac rbac) implements PerRoute {}

        /** Configuration of a filter that is ignored or without effect. */
        record Inert() implements PerRoute {}
    }

    /** envoy.extensions.filters.http.fault.v3.HTTPFault; {@code abortGrpcStatus} is -1 where the abort is an HTTP status. */
    record FaultPolicy(
            long delayNanos,
            Matchers.Fraction delayShare,
            int abortHttpStatus,
            int abortGrpcStatus,
            Matchers.Fraction abortShare,
            List<Matchers.Header> headers,
            String upstreamCluster,
            List<String> downstreamNodes,
            long maxActiveFaults) {}

    /** envoy.extensions.filters.http.cors.v3.CorsPolicy. Null strings are absent. */
    record CorsPolicy(
            List<StringMatcher> allowOrigins,
            @Nullable String allowMethods,
            @Nullable String allowHeaders,
            @Nullable String exposeHeaders,
            @Nullable String maxAge,
            boolean allowCredentials,
            Matchers.Fraction enabled,
            boolean forwardNotMatchingPreflights) {}
}
