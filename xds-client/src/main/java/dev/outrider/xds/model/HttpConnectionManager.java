package dev.outrider.xds.model;

import dev.outrider.xds.model.source.ResourceRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.
 *
 * @param rds route configuration to subscribe to; exactly one of it and {@code routes} is there
 */
public record HttpConnectionManager(
        String statPrefix,
        CodecType codecType,
        @Nullable ResourceRef rds,
        @Nullable RouteConfiguration routes,
        List<HttpFilter> filters,
        List<AccessLog> accessLogs,
        boolean accessLogFlushOnNew,
        Forwarding forwarding,
        ServerHeader serverHeader,
        PathNormalization path,
        Limits limits,
        Http1Options http1,
        Http2Options http2,
        List<String> upgradeTypes,
        Timeouts timeouts,
        HostPort hostPort,
        boolean proxy100Continue,
        boolean streamErrorOnInvalidMessage,
        @Nullable Tracing tracing,
        @Nullable LocalReplies localReplies) implements NetworkFilter {

    /** Name of the route configuration to subscribe to, null = it is inline. */
    public @Nullable String rdsName() {
        return rds == null ? null : rds.name();
    }

    public enum CodecType { AUTO, HTTP1, HTTP2 }

    public enum Xfcc { SANITIZE, FORWARD_ONLY, APPEND_FORWARD, SANITIZE_SET, ALWAYS_FORWARD_ONLY }

    /**
     * Headers that say who the client is.
     *
     * @param generateRequestId make an x-request-id where there is none
     * @param preserveExternalRequestId keep the one that an edge request carries
     * @param alwaysSetRequestIdInResponse echo x-request-id
     * @param internalCidrs addresses whose requests are internal (internal_address_config); empty = none
     */
    public record Forwarding(
            boolean useRemoteAddress,
            int xffNumTrustedHops,
            boolean skipXffAppend,
            boolean appendXForwardedPort,
            String via,
            boolean generateRequestId,
            boolean preserveExternalRequestId,
            boolean alwaysSetRequestIdInResponse,
            Xfcc xfcc,
            XfccParts xfccParts,
            List<Cidr> internalCidrs,
            boolean representIpv4AsMapped) {}

    /** set_current_client_cert_details. URI and By and Hash are always there. */
    public record XfccParts(boolean subject, boolean cert, boolean chain, boolean dns, boolean uri) {}

    public record ServerHeader(String name, Transformation transformation) {
        public enum Transformation { OVERWRITE, APPEND_IF_ABSENT, PASS_THROUGH }
    }

    public record PathNormalization(boolean normalize, boolean mergeSlashes, EscapedSlashes escapedSlashes) {
        public enum EscapedSlashes { KEEP, REJECT, UNESCAPE_AND_REDIRECT, UNESCAPE_AND_FORWARD }
    }

    public record Limits(int maxRequestHeadersBytes, int maxHeadersCount, Underscores underscores) {
        public enum Underscores { ALLOW, REJECT_REQUEST, DROP_HEADER }
    }

    /** {@code properCase}/{@code preserveCase}: header_key_format on responses. */
    public record Http1Options(
            boolean acceptHttp10,
            String defaultHostForHttp10,
            boolean allowAbsoluteUrl,
            boolean enableTrailers,
            boolean preserveCase,
            boolean properCase,
            boolean allowChunkedLength) {}

    public record Http2Options(long maxConcurrentStreams, long initialStreamWindow, long initialConnectionWindow, boolean allowConnect) {}

    /** All 0 = off, but {@code idleNanos} (1 h by default, 0 = off) and {@code drainNanos}. */
    public record Timeouts(
            long idleNanos,
            long streamIdleNanos,
            long requestNanos,
            long requestHeadersNanos,
            long maxConnectionDurationNanos,
            long maxStreamDurationNanos,
            long drainNanos,
            long delayedCloseNanos) {}

    /** How a port in Host is treated before routing. */
    public record HostPort(boolean stripMatching, boolean stripAny, boolean stripTrailingDot) {}

    /** Sampling in percent; spans are not exported yet, context and x-request-id follow the decision. */
    public record Tracing(double clientSampling, double randomSampling, double overallSampling, String providerTypeUrl) {}

    /** local_reply_config: not sent by istiod, supported for its body format. */
    public record LocalReplies(List<Mapper> mappers, AccessLog.@Nullable Format bodyFormat) {
        public record Mapper(
                AccessLog.Filter filter,
                int statusCode,
                @Nullable String body,
                AccessLog.@Nullable Format bodyFormat,
                List<RouteConfiguration.HeaderMutations.Append> headersToAdd) {}
    }
}
