package dev.outrider.proxy.datapath.relay.http;

import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.RouteAction.RetryPolicy;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Whether and when a request is tried again (Envoy's RetryStateImpl): conditions of the route and of x-envoy-retry-* fields, how many are
 * left, jittered exponential back-off. One per request that has a retry policy; loop-confined.
 */
public final class Retries {

    private static final HeaderName RETRY_ON = HeaderName.of("x-envoy-retry-on");
    private static final HeaderName RETRY_GRPC_ON = HeaderName.of("x-envoy-retry-grpc-on");
    private static final HeaderName MAX_RETRIES = HeaderName.of("x-envoy-max-retries");
    private static final HeaderName RATE_LIMITED = HeaderName.of("x-envoy-ratelimited");
    private static final long DEFAULT_BASE_NANOS = 25_000_000;

    private final ForwardPlan plan;
    private final int mask;
    private int left;
    private int round;

    private Retries(ForwardPlan plan, int mask, int left) {
        this.plan = plan;
        this.mask = mask;
        this.left = left;
    }

    /** Null where nothing can ever be retried. Takes the x-envoy-retry-* fields from the request. */
    public static @Nullable Retries of(ForwardPlan plan, RequestHead head) {
        Headers headers = head.headers();
        int mask = plan.retryOn;
        RetryPolicy policy = plan.retry;
        int left = policy == null ? 1 : policy.numRetries();
        String on = headers.get(RETRY_ON);
        if (on != null) {
            mask |= RetryCondition.mask(on);
            headers.remove(RETRY_ON);
        }
        String grpc = headers.get(RETRY_GRPC_ON);
        if (grpc != null) {
            mask |= RetryCondition.mask(grpc) & RetryCondition.GRPC;
            headers.remove(RETRY_GRPC_ON);
        }
        if (mask == 0) {
            return null;
        }
        String most = headers.get(MAX_RETRIES);
        if (most != null) {
            headers.remove(MAX_RETRIES);
            left = number(most, left);
        }
        boolean asked = plan.retriableRequestHeaders.length == 0;
        for (HeaderMatch match : plan.retriableRequestHeaders) {
            asked |= match.matches(head);
        }
        return asked ? new Retries(plan, mask, left) : null;
    }

    private static int number(String text, int otherwise) {
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    /** Whether an answer asks for another try. */
    public boolean wanted(ResponseHead head) {
        if (head.headers().contains(RATE_LIMITED)) {
            return has(RetryCondition.ENVOY_RATELIMITED);
        }
        int status = head.status();
        if (has(RetryCondition.FIVE_XX) && status >= 500 && status < 600
                || has(RetryCondition.GATEWAY_ERROR) && status >= 502 && status <= 504
                || has(RetryCondition.RETRIABLE_4XX) && status == 409
                || has(RetryCondition.STATUS_CODES) && plan.retry != null && plan.retry.retriableStatusCodes().contains(status)) {
            return true;
        }
        if (has(RetryCondition.HEADERS)) {
            for (HeaderMatch match : plan.retriableHeaders) {
                if (match.matches(head)) {
                    return true;
                }
            }
        }
        if (has(RetryCondition.GRPC)) {
            String grpc = head.headers().get(HeaderName.GRPC_STATUS);
            return grpc != null && RetryCondition.grpc(mask, number(grpc, -1));
        }
        return false;
    }

    /** Whether a stream that ended so asks for another try; {@code begun}: something of the request went upstream. */
    public boolean wanted(StreamReset reason, boolean begun) {
        if (reason == StreamReset.OVERFLOW) {
            return false;
        }
        return has(RetryCondition.FIVE_XX | RetryCondition.GATEWAY_ERROR | RetryCondition.RESET)
                || has(RetryCondition.RESET_BEFORE_REQUEST) && !begun
                || has(RetryCondition.REFUSED_STREAM) && reason == StreamReset.REMOTE_REFUSED_STREAM
                || has(RetryCondition.CONNECT_FAILURE)
                        && (reason == StreamReset.CONNECTION_FAILURE || reason == StreamReset.CONNECT_TIMEOUT);
    }

    private boolean has(int bits) {
        return (mask & bits) != 0;
    }

    public boolean exhausted() {
        return left <= 0;
    }

    /** Uses one up; how long to wait before it. */
    public long nextBackoffNanos() {
        left--;
        round++;
        RetryPolicy policy = plan.retry;
        long base = policy == null || policy.backoffBaseNanos() <= 0 ? DEFAULT_BASE_NANOS : policy.backoffBaseNanos();
        long most = policy == null || policy.backoffMaxNanos() <= 0 ? base * 10 : policy.backoffMaxNanos();
        long span = Math.min(most, base * ((1L << Math.min(round, 20)) - 1));
        return span <= 0 ? 0 : ThreadLocalRandom.current().nextLong(span);
    }
}
