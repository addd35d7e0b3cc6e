package dev.outrider.proxy.datapath.relay.http;

import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteAction.RetryPolicy;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a route forwards: the model with its retry conditions, header tests and hash policies compiled. Immutable; any loop. */
public final class ForwardPlan {

    final RouteAction.Forward model;
    final @Nullable RetryPolicy retry;
    final int retryOn;
    final HeaderMatch[] retriableHeaders;
    final HeaderMatch[] retriableRequestHeaders;
    final @Nullable HashPolicies hash;
    final boolean attemptCountUpstream;
    final boolean attemptCountDownstream;

    /** {@code attemptCount*}: x-envoy-attempt-count on the request, on the response. */
    public ForwardPlan(RouteAction.Forward model, boolean attemptCountUpstream, boolean attemptCountDownstream) {
        this.model = model;
        RetryPolicy policy = model.retry();
        retry = policy;
        retryOn = policy == null ? 0 : RetryCondition.mask(policy.retryOn());
        retriableHeaders = HeaderMatch.compile(policy == null ? List.of() : policy.retriableHeaders());
        retriableRequestHeaders = HeaderMatch.compile(policy == null ? List.of() : policy.retriableRequestHeaders());
        hash = model.hashPolicies().isEmpty() ? null : new HashPolicies(model.hashPolicies());
        this.attemptCountUpstream = attemptCountUpstream;
        this.attemptCountDownstream = attemptCountDownstream;
    }

    /** Whether a hash chooses the host. */
    public boolean hashes() {
        return hash != null;
    }

    /** The hash that chooses the host; null where none is configured. A cookie that it makes is put on the answer by {@code setCookie}. */
    public @Nullable Long hash(RequestHead head, InetSocketAddress remote, Consumer<String> setCookie) {
        if (hash == null) {
            return null;
        }
        HashPolicies.Result result = hash.of(head, remote);
        if (result.setCookie() != null) {
            setCookie.accept(result.setCookie());
        }
        return result.hash();
    }

    /** Whether x-envoy-attempt-count goes upstream. */
    public boolean countsUpstream() {
        return attemptCountUpstream;
    }

    /** Whether x-envoy-attempt-count goes to the client. */
    public boolean countsDownstream() {
        return attemptCountDownstream;
    }

    public RouteAction.Forward model() {
        return model;
    }
}
