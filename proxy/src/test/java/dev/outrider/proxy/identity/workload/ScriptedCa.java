package dev.outrider.proxy.identity.workload;

import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.proxy.identity.ca.CaCredentials;
import dev.outrider.proxy.identity.ca.CertificateAuthority;
import dev.outrider.proxy.identity.ca.IssuedCertificate;
import dev.outrider.xds.model.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A CA that signs when it is told to. Requests are kept; those that are neither answered nor refused stay open. */
final class ScriptedCa implements CertificateAuthority {

    static final String ID = "spiffe://cluster.local/ns/vm/sa/vmapp";

    final List<CaCredentials> requests = new ArrayList<>();
    TestCertificates authority = new TestCertificates();
    private @Nullable CompletableFuture<IssuedCertificate> open;

    @Override
    public CompletableFuture<IssuedCertificate> request(CaCredentials credentials) {
        requests.add(credentials);
        open = new CompletableFuture<>();
        return open;
    }

    /** {@code untilFromRealNow}: the certificates of tests start in the real present. */
    Secret.Certificate sign(Duration untilFromRealNow) {
        Secret.Certificate leaf = authority.leaf(untilFromRealNow, ID);
        answer().complete(new IssuedCertificate(leaf.keyPem().toUtf8(), leaf.chainPem().toUtf8(), authority.rootPem()));
        return leaf;
    }

    void refuse(String line) {
        answer().completeExceptionally(new IllegalStateException(line));
    }

    private CompletableFuture<IssuedCertificate> answer() {
        CompletableFuture<IssuedCertificate> request = open;
        if (request == null) {
            throw new AssertionError("nothing was asked");
        }
        open = null;
        return request;
    }
}
