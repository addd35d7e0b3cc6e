package dev.outrider.proxy.identity.workload;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;

/**
 * When to ask for the next certificate: when {@code grace} of the life is left, give or take {@code jitter} of it so that machines that started together
 * do not ask together; after a failure 0.5 s later, then twice as long each time up to 150 s. Pure.
 *
 * @param grace part of the life, Istio's SECRET_GRACE_PERIOD_RATIO
 * @param jitter part of the life, Istio's SECRET_GRACE_PERIOD_RATIO_JITTER
 * @param random in [0, 1)
 */
public record RenewalSchedule(double grace, double jitter, DoubleSupplier random) {

    private static final long FIRST_RETRY_MILLIS = 500;
    private static final long LAST_RETRY_MILLIS = 150_000;

    Instant renewal(Instant notBefore, Instant notAfter) {
        double share = Math.clamp(grace + jitter * (2 * random.getAsDouble() - 1), 0.0, 1.0);
        return notAfter.minusMillis(Math.round(Duration.between(notBefore, notAfter).toMillis() * share));
    }

    /** {@code failures} in a row, at least 1. Up to a tenth is taken off, never added: the bound is a bound. */
    Duration retry(int failures) {
        long delay = Math.min(LAST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(failures - 1, 20));
        return Duration.ofMillis(delay - Math.round(delay * 0.1 * random.getAsDouble()));
    }
}
