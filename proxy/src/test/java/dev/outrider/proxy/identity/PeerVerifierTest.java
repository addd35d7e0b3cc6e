package dev.outrider.proxy.identity;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Who passes, and for how long what was found out counts. */
class PeerVerifierTest {

    private static final String NAME = "spiffe://cluster.local/ns/default/sa/vmapp";
    private static final Duration LIFE = Duration.ofDays(1);

    private final TestCertificates authority = new TestCertificates();
    private final X509Certificate[] peer = chain(authority.leaf(LIFE, NAME));
    private long nowMillis = System.currentTimeMillis();

    private static X509Certificate[] chain(Secret.Certificate certificate) {
        try {
            return KeyPairFiles.of(certificate).chainArray();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private PeerVerifier verifier(Secret.Validation policy) throws GeneralSecurityException {
        return new PeerVerifier(policy, () -> nowMillis);
    }

    private PeerVerifier with(String crl) throws GeneralSecurityException {
        Secret.Validation trust = authority.trust(NAME);
        return verifier(new Secret.Validation(
                trust.trustedCaPem(), null, trust.sans(), Bytes.utf8(crl), List.of(), List.of(), false, false));
    }

    private static void refused(PeerVerifier verifier, X509Certificate[] chain, String because) {
        var refusal = assertThrows(CertificateException.class, () -> verifier.checkClientTrusted(chain, "EC"));
        assertTrue(String.valueOf(refusal.getMessage()).contains(because), refusal.getMessage());
    }

    @Test
    void aPeerOfTheMeshPassesAndOneOfAnotherRootOrNameDoesNot() throws Exception {
        PeerVerifier verifier = verifier(authority.trust(NAME));
        assertDoesNotThrow(() -> verifier.checkClientTrusted(peer, "EC"));
        refused(verifier, chain(new TestCertificates().leaf(LIFE, NAME)), "does not verify");
        refused(verifier, chain(authority.leaf(LIFE, "spiffe://cluster.local/ns/default/sa/other")), "expected one of");
        refused(verifier, new X509Certificate[0], "no certificate");
    }

    @Test
    void whatWasVerifiedIsForgottenWhenItsCertificateExpires() throws Exception {
        PeerVerifier verifier = verifier(authority.trust(NAME));
        verifier.checkClientTrusted(peer, "EC");
        nowMillis += LIFE.toMillis() + 60_000;
        refused(verifier, peer, "does not verify");
    }

    @Test
    void aRevokedPeerIsRefusedAndItsSiblingPasses() throws Exception {
        PeerVerifier verifier = with(authority.crl(Duration.ofHours(1), peer[0]));
        refused(verifier, peer, "revoked");
        assertDoesNotThrow(() -> verifier.checkClientTrusted(chain(authority.leaf(LIFE, NAME)), "EC"));
    }

    /** A list that should have been replaced may miss the very peer that is remembered. */
    @Test
    void aVerdictDoesNotOutliveTheRevocationListBehindIt() throws Exception {
        PeerVerifier verifier = with(authority.crl(Duration.ofHours(1)));
        verifier.checkClientTrusted(peer, "EC");
        nowMillis += Duration.ofMinutes(59).toMillis();
        assertDoesNotThrow(() -> verifier.checkClientTrusted(peer, "EC"));
        // The JDK forgives a clock that is a quarter of an hour off.
        nowMillis += Duration.ofMinutes(17).toMillis();
        refused(verifier, peer, "does not verify");
    }

    @Test
    void aPinIsComparedWithTheKey() throws Exception {
        String pin = Base64.getEncoder().encodeToString(Digests.sha256(peer[0].getPublicKey().getEncoded()));
        Secret.Validation trust = authority.trust();
        PeerVerifier verifier = verifier(new Secret.Validation(
                trust.trustedCaPem(), null, List.of(), Bytes.EMPTY, List.of(pin), List.of(), false, false));
        assertDoesNotThrow(() -> verifier.checkServerTrusted(peer, "EC"));
        refused(verifier, chain(authority.leaf(LIFE, NAME)), "pinned");
    }
}
