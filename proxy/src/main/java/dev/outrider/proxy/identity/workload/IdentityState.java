package dev.outrider.proxy.identity.workload;

import dev.outrider.xds.model.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The identity at one time. Immutable.
 *
 * @param certificate null = there is none that can serve yet
 * @param trust null = no roots are known yet
 * @param problem what keeps the next certificate from coming, "" = nothing
 * @param nextAttempt when the CA is asked next, null = it is not
 * @param counts of calls to the CA
 */
public record IdentityState(
        @Nullable WorkloadCertificate certificate,
        Secret.@Nullable Validation trust,
        String problem,
        @Nullable Instant nextAttempt,
        Counts counts) {

    /** @param latencyMillis of the last call that was answered */
    public record Counts(long requests, long failures, long retries, long latencyMillis) {}

    static final IdentityState NONE = new IdentityState(null, null, "", null, new Counts(0, 0, 0, 0));

    /** Whether the mesh can be spoken to. */
    public boolean serves(Instant now) {
        WorkloadCertificate own = certificate;
        return own != null && !own.expired(now) && trust != null;
    }

    /** Negative once it is over; 0 without a certificate. */
    public long secondsLeft(Instant now) {
        WorkloadCertificate own = certificate;
        return own == null ? 0 : Duration.between(now, own.notAfter()).toSeconds();
    }

    /** What an operator should know, a line each; empty = all is well. */
    public List<String> reasons(Instant now) {
        List<String> lines = new ArrayList<>();
        WorkloadCertificate own = certificate;
        if (own == null) {
            lines.add("identity: no certificate" + (problem.isEmpty() ? "" : ": " + problem));
        } else if (own.expired(now)) {
            lines.add("identity: the certificate of " + own.id() + " expired at " + own.notAfter() + (problem.isEmpty() ? "" : ": " + problem));
        } else if (!problem.isEmpty()) {
            lines.add("identity: valid until " + own.notAfter() + ", not renewed: " + problem);
        }
        if (trust == null) {
            lines.add("identity: no root certificates: put the mesh's root-cert.pem in place");
        }
        return lines;
    }
}
