package dev.outrider.proxy.identity.ca;

import dev.outrider.proxy.identity.Pem;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads what a CA sent and refuses what would not serve: another key, a chain that does not end in the roots beside it, another time. Pure. */
final class CaAnswer {

    /** A CA whose clock is a little ahead is normal; more is a fault of one of the clocks, which peers would stumble over. */
    private static final Duration TOLERATED_SKEW = Duration.ofMinutes(5);

    private CaAnswer() {}

    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;
        private final CaException.Kind kind;

        Unusable(CaException.Kind kind, String message) {
            super(message, null, false, false);
            this.kind = kind;
        }

        CaException.Kind kind() {
            return kind;
        }
    }

    /** {@code elements}: leaf, intermediates, and last the roots. An intermediate list that repeats the roots is cut. */
    static IssuedCertificate read(List<String> elements, SigningRequest request, Instant now) throws Unusable {
        if (elements.size() < 2) {
            throw new Unusable(CaException.Kind.BAD_ANSWER, "answered with " + elements.size() + " certificates; a chain and the roots are needed (external CAs must add their root last)");
        }
        String chainPem = joined(elements.subList(0, elements.size() - 1));
        String rootsPem = joined(elements.subList(elements.size() - 1, elements.size()));
        List<X509Certificate> chain = parsed("chain", chainPem);
        List<X509Certificate> roots = parsed("roots", rootsPem);
        X509Certificate leaf = chain.getFirst();
        if (!leaf.getPublicKey().equals(request.keys().getPublic())) {
            throw new Unusable(CaException.Kind.BAD_ANSWER, "signed another key than the one that was sent");
        }
        checkTime(leaf, now);
        List<X509Certificate> path = new ArrayList<>(chain);
        path.removeIf(certificate -> !certificate.equals(leaf) && roots.contains(certificate));
        checkPath(path, roots, now);
        return new IssuedCertificate(request.keyPem(), path.size() == chain.size() ? chainPem : Pem.text(path), rootsPem);
    }

    private static String joined(List<String> elements) {
        StringBuilder all = new StringBuilder();
        elements.forEach(element -> all.append(element).append(element.endsWith("\n") ? "" : "\n"));
        return all.toString();
    }

    private static List<X509Certificate> parsed(String what, String pem) throws Unusable {
        try {
            return Pem.certificates(pem.getBytes(StandardCharsets.US_ASCII));
        } catch (GeneralSecurityException e) {
            throw new Unusable(CaException.Kind.BAD_ANSWER, "answered with " + what + " that " + e.getMessage());
        }
    }

    private static void checkTime(X509Certificate leaf, Instant now) throws Unusable {
        Instant from = leaf.getNotBefore().toInstant();
        Instant to = leaf.getNotAfter().toInstant();
        if (from.isAfter(now.plus(TOLERATED_SKEW)) || !to.isAfter(now)) {
            throw new Unusable(CaException.Kind.CLOCK, "signed a certificate for " + from + " to " + to + ", but here it is " + now
                    + ": set this machine's clock (timedatectl status), or the CA's");
        }
    }

    private static void checkPath(List<X509Certificate> path, List<X509Certificate> roots, Instant now) throws Unusable {
        Set<TrustAnchor> anchors = new HashSet<>();
        roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
        Instant from = path.getFirst().getNotBefore().toInstant();
        try {
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(from.isAfter(now) ? from : now));
            CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        } catch (GeneralSecurityException e) {
            throw new Unusable(CaException.Kind.BAD_ANSWER, "signed a certificate (issuer '" + path.getFirst().getIssuerX500Principal().getName()
                    + "') that does not chain to the roots it sent along: " + e.getMessage());
        }
    }
}
