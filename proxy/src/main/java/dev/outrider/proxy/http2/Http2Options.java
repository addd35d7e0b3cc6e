package dev.outrider.proxy.http2;

import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.HttpConnectionManager;

/** Limits and windows of one HTTP/2 connection. Immutable; 0 nanos = off. */
public record Http2Options(
        String scheme,
        int maxHeadBytes,
        int maxFields,
        int maxConcurrentStreams,
        int streamWindow,
        int connectionWindow,
        boolean allowConnect,
        long keepaliveIntervalNanos,
        long keepaliveTimeoutNanos) {

    private static final int DEFAULT_HEAD_BYTES = 60 * 1024;
    private static final int DEFAULT_FIELDS = 100;
    /** RFC 9113 §6.9.2. */
    private static final int SMALLEST_WINDOW = 65_535;
    /** What Envoy grants since 1.36 where nothing is configured. */
    private static final int DEFAULT_STREAMS = 1024;

    public static Http2Options of(HttpConnectionManager model, boolean tls) {
        var limits = model.limits();
        var options = model.http2();
        return new Http2Options(
                tls ? "https" : "http",
                limits.maxRequestHeadersBytes() > 0 ? limits.maxRequestHeadersBytes() : DEFAULT_HEAD_BYTES,
                limits.maxHeadersCount() > 0 ? limits.maxHeadersCount() : DEFAULT_FIELDS,
                positive(options.maxConcurrentStreams(), DEFAULT_STREAMS),
                Math.max(SMALLEST_WINDOW, positive(options.initialStreamWindow(), SMALLEST_WINDOW)),
                Math.max(SMALLEST_WINDOW, positive(options.initialConnectionWindow(), SMALLEST_WINDOW)),
                options.allowConnect(),
                0,
                0);
    }

    public static Http2Options of(Cluster.HttpProtocolOptions options) {
        return new Http2Options(
                "http",
                DEFAULT_HEAD_BYTES,
                DEFAULT_FIELDS,
                positive(options.maxConcurrentStreams(), Integer.MAX_VALUE),
                Math.max(SMALLEST_WINDOW, positive(options.initialStreamWindow(), SMALLEST_WINDOW)),
                Math.max(SMALLEST_WINDOW, positive(options.initialConnectionWindow(), SMALLEST_WINDOW)),
                false,
                options.keepaliveIntervalNanos(),
                options.keepaliveTimeoutNanos());
    }

    private static int positive(long value, int otherwise) {
        return value <= 0 ? otherwise : (int) Math.min(value, Integer.MAX_VALUE);
    }
}
