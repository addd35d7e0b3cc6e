package dev.outrider.xds.model;

import com.google.re2j.Pattern;
import dev.outrider.xds.model.match.Matchers;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a route does. */
public sealed interface RouteAction {

    /**
     * envoy.config.route.v3.RouteAction.
     *
     * @param timeoutNanos whole response, 0 = none (Envoy's default is 15 s)
     * @param idleTimeoutNanos stream idle, 0 = off, -1 = the connection manager's
     * @param maxStreamDurationNanos 0 = off, -1 = the connection manager's
     * @param grpcTimeoutMaxNanos cap on the client's grpc-timeout; 0 = honoured without cap, -1 = header not honoured
     * @param clusterNotFoundStatus 503, 404 or 500
     */
    record Forward(
            Target target,
            int clusterNotFoundStatus,
            @Nullable Rewrite rewrite,
            @Nullable HostRewrite hostRewrite,
            boolean appendXForwardedHost,
            long timeoutNanos,
            long idleTimeoutNanos,
            long maxStreamDurationNanos,
            long grpcTimeoutMaxNanos,
            @Nullable RetryPolicy retry,
            List<Mirror> mirrors,
            List<HashPolicy> hashPolicies,
            Map<String, Boolean> upgrades,
            Priority priority,
            Map<String, String> metadataMatch) implements RouteAction {}

    /** envoy.config.route.v3.RedirectAction; null = keep the request's. {@code port} 0 = keep. */
    record Redirect(
            @Nullable String scheme,
            boolean https,
            @Nullable String host,
            int port,
            @Nullable String path,
            @Nullable String prefixRewrite,
            @Nullable RegexRewrite regexRewrite,
            int status,
            boolean stripQuery) implements RouteAction {}

    /** envoy.config.route.v3.DirectResponseAction. */
    record DirectResponse(int status, Bytes body) implements RouteAction {}

    /** NonForwardingAction: only matches, a request answers 500. */
    record NonForwarding() implements RouteAction {}

    enum Priority { DEFAULT, HIGH }

    /** Where a request goes. */
    sealed interface Target {

        record Single(String cluster) implements Target {}

        /** The cluster's name is in this request header. */
        record ByHeader(String header) implements Target {}

        /** {@code totalWeight} is the sum; at least one. */
        record Weighted(List<Choice> choices, long totalWeight, String headerName) implements Target {}

        record Choice(
                String cluster,
                String clusterHeader,
                long weight,
                RouteConfiguration.HeaderMutations headers,
                @Nullable String hostRewriteLiteral,
                Map<String, HttpFilter.PerRoute> perFilter,
                Map<String, String> metadataMatch) {}
    }

    sealed interface Rewrite {

        /** Replaces what the route's prefix or exact path matched. */
        record Prefix(String replacement) implements Rewrite {}

        record Regex(RegexRewrite rewrite) implements Rewrite {}

        record Path(String literal) implements Rewrite {}
    }

    /** RE2 substitution ({@code \1}) on every match in the path without query. */
    record RegexRewrite(Pattern pattern, String substitution) {}

    sealed interface HostRewrite {

        record Literal(String host) implements HostRewrite {}

        /** The chosen endpoint's hostname. */
        record Auto() implements HostRewrite {}

        record FromHeader(String header) implements HostRewrite {}

        record PathRegex(RegexRewrite rewrite) implements HostRewrite {}
    }

    /** request_mirror_policies: a copy whose answer is thrown away. */
    record Mirror(String cluster, String clusterHeader, Matchers.Fraction share, boolean appendShadowSuffix) {}

    /**
     * envoy.config.route.v3.RetryPolicy. {@code retryOn} holds Envoy's condition names.
     *
     * @param backoffBaseNanos 25 ms by default
     */
    record RetryPolicy(
            List<String> retryOn,
            int numRetries,
            long perTryTimeoutNanos,
            long perTryIdleTimeoutNanos,
            List<Integer> retriableStatusCodes,
            List<Matchers.Header> retriableHeaders,
            List<Matchers.Header> retriableRequestHeaders,
            boolean avoidPreviousHosts,
            int hostSelectionAttempts,
            boolean previousPriorities,
            int previousPrioritiesUpdateFrequency,
            long backoffBaseNanos,
            long backoffMaxNanos) {}

    /** In order; {@code terminal} stops when a hash was found. */
    record HashPolicy(Source source, boolean terminal) {

        public sealed interface Source {

            record Header(String name) implements Source {}

            /** {@code ttlNanos} -1: only existing cookies count; 0: a session cookie is set. */
            record Cookie(String name, long ttlNanos, String path, Map<String, String> attributes) implements Source {}

            record SourceIp() implements Source {}

            record QueryParameter(String name) implements Source {}
        }
    }
}
