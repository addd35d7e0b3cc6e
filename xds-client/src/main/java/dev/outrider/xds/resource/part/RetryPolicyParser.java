package dev.outrider.xds.resource.part;

import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.proto.envoy.config.route.v3.RetryPolicy;
import dev.outrider.xds.proto.envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig;
import java.util.ArrayList;
import java.util.List;

/** envoy.config.route.v3.RetryPolicy. Back-off by the upstream's reset headers is left out. Pure. */
public final class RetryPolicyParser {

    private static final long DEFAULT_BACKOFF = 25_000_000L;
    private static final String HOSTS = "envoy.extensions.retry.host.";
    private static final String PRIORITIES = "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig";

    private RetryPolicyParser() {}

    public static RouteAction.RetryPolicy parse(RetryPolicy message, Scope at) {
        var backoff = message.getRetryBackOff();
        Scope backoffAt = at.at("retry_back_off");
        if (message.hasRetryBackOff() && !backoff.hasBaseInterval()) {
            backoffAt.at("base_interval").reject("is needed");
        }
        long base = Fields.positiveNanos(
                backoff.hasBaseInterval(), backoff.getBaseInterval(), DEFAULT_BACKOFF, backoffAt.at("base_interval"));
        long max = Fields.positiveNanos(
                backoff.hasMaxInterval(), backoff.getMaxInterval(), Math.max(base, Math.min(base, Long.MAX_VALUE / 10) * 10),
                backoffAt.at("max_interval"));
        if (max < base) {
            backoffAt.reject("max_interval is smaller than base_interval");
        }
        if (message.hasRateLimitedRetryBackOff()) {
            at.ignore("rate_limited_retry_back_off", "envoy.config.route.v3.RetryPolicy.RateLimitedRetryBackOff");
        }
        int updateFrequency = updateFrequency(message, at.at("retry_priority"));
        long attempts = message.getHostSelectionRetryMaxAttempts();
        return new RouteAction.RetryPolicy(
                conditions(message.getRetryOn()),
                (int) Math.min(Fields.uint32(message.hasNumRetries(), message.getNumRetries(), 1), Integer.MAX_VALUE),
                Fields.nanos(message.hasPerTryTimeout(), message.getPerTryTimeout(), 0, at.at("per_try_timeout")),
                Fields.nanos(message.hasPerTryIdleTimeout(), message.getPerTryIdleTimeout(), 0, at.at("per_try_idle_timeout")),
                List.copyOf(message.getRetriableStatusCodesList()),
                MatcherParser.headers(message.getRetriableHeadersList(), "retriable_headers", at),
                MatcherParser.headers(message.getRetriableRequestHeadersList(), "retriable_request_headers", at),
                avoidPreviousHosts(message, at),
                attempts == 0 ? 1 : (int) Fields.inRange(attempts, 1, Integer.MAX_VALUE, at.at("host_selection_retry_max_attempts")),
                updateFrequency > 0,
                updateFrequency,
                base,
                max);
    }

    /** Conditions that are not known are kept: they never apply, as with Envoy. */
    private static List<String> conditions(String retryOn) {
        List<String> conditions = new ArrayList<>();
        for (String condition : retryOn.split(",", -1)) {
            if (!condition.isBlank()) {
                conditions.add(condition.strip());
            }
        }
        return List.copyOf(conditions);
    }

    private static boolean avoidPreviousHosts(RetryPolicy message, Scope at) {
        boolean previous = false;
        for (int i = 0; i < message.getRetryHostPredicateCount(); i++) {
            var predicate = message.getRetryHostPredicate(i);
            Scope here = at.at("retry_host_predicate", i);
            Extension extension = Extension.of(predicate.getName(), predicate.getTypedConfig(), here);
            boolean named = extension.type().isEmpty() && extension.name().equals("envoy.retry_host_predicates.previous_hosts");
            if (named || extension.type().equals(HOSTS + "previous_hosts.v3.PreviousHostsPredicate")) {
                previous = true;
            } else {
                extension.unsupported("retry host predicate", here);
            }
        }
        return previous;
    }

    /** 0 where there is no retry priority. */
    private static int updateFrequency(RetryPolicy message, Scope at) {
        if (!message.hasRetryPriority()) {
            return 0;
        }
        Extension extension = Extension.of(message.getRetryPriority().getName(), message.getRetryPriority().getTypedConfig(), at);
        if (!extension.type().equals(PRIORITIES)) {
            extension.unsupported("retry priority", at);
            return 0;
        }
        int frequency = extension.read(PreviousPrioritiesConfig.getDefaultInstance(), at).getUpdateFrequency();
        if (frequency <= 0) {
            at.at("update_frequency").reject("must be greater than 0");
        }
        return frequency;
    }
}
