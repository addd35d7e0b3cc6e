package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.telemetry.accesslog.GrpcStatus;
import dev.outrider.xds.model.RouteAction;
import org.jspecify.annotations.Nullable;

/**
 * The time limits of one forwarded request: the route's, those of x-envoy-upstream-rq-* (which only internal requests still carry here), and
 * the client's grpc-timeout (Envoy's FilterUtility::finalTimeout). 0 = none.
 */
record UpstreamTimeouts(long globalNanos, long perTryNanos, long perTryIdleNanos) {

    static final UpstreamTimeouts NONE = new UpstreamTimeouts(0, 0, 0);

    private static final HeaderName RQ_TIMEOUT = HeaderName.of("x-envoy-upstream-rq-timeout-ms");
    private static final HeaderName PER_TRY_TIMEOUT = HeaderName.of("x-envoy-upstream-rq-per-try-timeout-ms");
    private static final HeaderName EXPECTED = HeaderName.of("x-envoy-expected-rq-timeout-ms");

    /** Takes the fields that it understands from the request. */
    static UpstreamTimeouts of(RouteAction.Forward route, RequestHead head) {
        Headers headers = head.headers();
        long global = route.timeoutNanos();
        if (route.grpcTimeoutMaxNanos() >= 0 && GrpcStatus.isGrpc(headers)) {
            String text = headers.get(HeaderName.GRPC_TIMEOUT);
            long asked = text == null ? -1 : grpc(text);
            if (asked >= 0) {
                long most = route.grpcTimeoutMaxNanos();
                global = most == 0 || asked > 0 && asked < most ? asked : most;
            }
        }
        RouteAction.RetryPolicy retry = route.retry();
        long perTry = retry == null ? 0 : retry.perTryTimeoutNanos();
        long idle = retry == null ? 0 : retry.perTryIdleTimeoutNanos();
        long askedGlobal = millis(headers, RQ_TIMEOUT);
        if (askedGlobal >= 0) {
            global = askedGlobal * 1_000_000;
        }
        long askedTry = millis(headers, PER_TRY_TIMEOUT);
        if (askedTry >= 0) {
            perTry = askedTry * 1_000_000;
        }
        if (global > 0 && perTry >= global) {
            perTry = 0;
        }
        return new UpstreamTimeouts(global, perTry, idle);
    }

    /** Tells the upstream how long the answer is waited for. */
    void expect(Headers headers) {
        long nanos = perTryNanos > 0 ? perTryNanos : globalNanos;
        if (nanos > 0) {
            headers.set(EXPECTED, nanos / 1_000_000);
        }
    }

    private static long millis(Headers headers, HeaderName name) {
        String text = headers.get(name);
        if (text == null) {
            return -1;
        }
        headers.remove(name);
        try {
            return Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    /** grpc-timeout: at most eight digits and a unit. -1 for what is none. */
    static long grpc(@Nullable String text) {
        if (text == null || text.length() < 2 || text.length() > 9) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length() - 1; i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + c - '0';
        }
        return switch (text.charAt(text.length() - 1)) {
            case 'H' -> value * 3_600_000_000_000L;
            case 'M' -> value * 60_000_000_000L;
            case 'S' -> value * 1_000_000_000L;
            case 'm' -> value * 1_000_000L;
            case 'u' -> value * 1_000L;
            case 'n' -> value;
            default -> -1;
        };
    }
}
