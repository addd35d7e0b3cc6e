package dev.outrider.proxy.identity.workload;

import dev.outrider.proxy.identity.KeyPairFiles;
import dev.outrider.proxy.identity.SanPolicy;
import dev.outrider.xds.model.Secret;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;

/**
 * A certificate that can serve, with its key.
 *
 * @param id SPIFFE id, "" when it has none
 */
public record WorkloadCertificate(Secret.Certificate pem, String id, Instant notBefore, Instant notAfter) {

    static WorkloadCertificate of(Secret.Certificate pem) throws GeneralSecurityException {
        var leaf = KeyPairFiles.of(pem).leaf();
        String id = SanPolicy.texts(SanPolicy.names(leaf), SanPolicy.URI).stream().filter(uri -> uri.startsWith("spiffe://")).findFirst().orElse("");
        return new WorkloadCertificate(pem, id, leaf.getNotBefore().toInstant(), leaf.getNotAfter().toInstant());
    }

    Duration life() {
        return Duration.between(notBefore, notAfter);
    }

    public boolean expired(Instant now) {
        return !notAfter.isAfter(now);
    }

    /** The part of its life that is left, 0 to 1. */
    double left(Instant now) {
        return Math.clamp((double) Duration.between(now, notAfter).toMillis() / Math.max(1, life().toMillis()), 0.0, 1.0);
    }
}
