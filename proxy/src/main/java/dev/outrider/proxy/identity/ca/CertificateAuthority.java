package dev.outrider.proxy.identity.ca;

import java.util.concurrent.CompletableFuture;

/** Signs our keys. Tests have their own. */
public interface CertificateAuthority {

    /** Fails with a {@link CaException}; completes on the identity thread. */
    CompletableFuture<IssuedCertificate> request(CaCredentials credentials);
}
