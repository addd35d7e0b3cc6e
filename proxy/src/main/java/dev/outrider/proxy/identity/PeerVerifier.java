package dev.outrider.proxy.identity;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Verifies peers for one trust bundle and one policy of names. Extended, so that nothing wraps it with host name checks of its own. A chain that was
 * verified is remembered by digest, for the use that it was verified for, until the first of its certificates expires or a revocation list is due
 * for its successor (RFC 5280 §5.1.2.5); a new bundle makes a new verifier.
 */
public final class PeerVerifier extends X509ExtendedTrustManager {

    private static final int MAX_REMEMBERED = 2048;
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String ANY_USAGE = "2.5.29.37.0";
    private static final List<String> SYSTEM_BUNDLES = List.of(
            "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem");

    private final Secret.Validation policy;
    private final Set<TrustAnchor> anchors = new HashSet<>();
    private final Set<X509Certificate> roots = new HashSet<>();
    private final List<X509CRL> crls;
    private final ConcurrentHashMap<Bytes, Long> verified = new ConcurrentHashMap<>();
    private final LongSupplier clockMillis;

    public PeerVerifier(Secret.Validation policy) throws GeneralSecurityException {
        this(policy, System::currentTimeMillis);
    }

    /** {@code clockMillis}: since the epoch. */
    PeerVerifier(Secret.Validation policy, LongSupplier clockMillis) throws GeneralSecurityException {
        this.policy = policy;
        this.clockMillis = clockMillis;
        byte[] bundle = policy.systemRoots() ? systemBundle() : policy.trustedCaPem().toArray();
        if (bundle.length > 0) {
            try {
                roots.addAll(Pem.certificates(bundle));
            } catch (GeneralSecurityException e) {
                throw new GeneralSecurityException("the trust bundle " + e.getMessage(), e);
            }
        }
        roots.forEach(root -> anchors.add(new TrustAnchor(root, null)));
        crls = policy.crlPem().length() == 0 ? List.of() : Pem.crls(policy.crlPem().toArray());
    }

    private static byte[] systemBundle() throws GeneralSecurityException {
        for (String file : SYSTEM_BUNDLES) {
            Path path = Path.of(file);
            if (Files.isReadable(path)) {
                try {
                    return Files.readAllBytes(path);
                } catch (IOException e) {
                    throw new GeneralSecurityException(file + " cannot be read", e);
                }
            }
        }
        throw new GeneralSecurityException("this machine has no system trust bundle (" + String.join(", ", SYSTEM_BUNDLES) + ")");
    }

    /** Whether a presented certificate is checked at all. */
    boolean verifies() {
        return !policy.acceptUntrusted() && (!anchors.isEmpty() || !policy.spki().isEmpty() || !policy.certificateHashes().isEmpty());
    }

    private void check(X509Certificate[] chain, String usage) throws CertificateException {
        if (chain.length == 0) {
            throw new CertificateException("the peer presented no certificate");
        }
        if (policy.acceptUntrusted()) {
            return;
        }
        Bytes digest = digest(chain, usage);
        Long until = verified.get(digest);
        if (until != null && until > clockMillis.getAsLong()) {
            return;
        }
        verify(chain, usage);
        if (verified.size() >= MAX_REMEMBERED) {
            verified.clear();
        }
        verified.put(digest, expires(chain));
    }

    /** When the verdict on {@code chain} has to be found anew, in ms since the epoch. */
    private long expires(X509Certificate[] chain) {
        long expires = Long.MAX_VALUE;
        for (X509Certificate certificate : chain) {
            expires = Math.min(expires, certificate.getNotAfter().getTime());
        }
        for (X509CRL list : crls) {
            Date next = list.getNextUpdate();
            expires = next == null ? expires : Math.min(expires, next.getTime());
        }
        return expires;
    }

    private void verify(X509Certificate[] chain, String usage) throws CertificateException {
        X509Certificate leaf = chain[0];
        if (!anchors.isEmpty()) {
            verifyPath(chain, leaf);
        }
        if (leaf.getBasicConstraints() != -1) {
            throw new CertificateException("the peer's certificate is a CA certificate");
        }
        List<String> usages = leaf.getExtendedKeyUsage();
        if (usages != null && !usages.contains(usage) && !usages.contains(ANY_USAGE)) {
            throw new CertificateException("the peer's certificate is not for this use (extended key usage)");
        }
        checkPins(leaf);
        List<SanPolicy.Name> names = SanPolicy.names(leaf);
        if (!SanPolicy.allows(policy.sans(), names)) {
            throw new CertificateException("the peer is " + names.stream().map(SanPolicy.Name::text).toList() + ", expected one of "
                    + policy.sans().stream().limit(5).map(san -> san.matcher().toString()).toList());
        }
    }

    private void verifyPath(X509Certificate[] chain, X509Certificate leaf) throws CertificateException {
        List<X509Certificate> path = new ArrayList<>();
        for (X509Certificate certificate : chain) {
            if (roots.contains(certificate)) {
                break;
            }
            path.add(certificate);
        }
        if (path.isEmpty()) {
            throw new CertificateException("the peer presented a root certificate as its own");
        }
        try {
            PKIXParameters parameters = new PKIXParameters(anchors);
            parameters.setDate(new Date(clockMillis.getAsLong()));
            parameters.setRevocationEnabled(!crls.isEmpty());
            if (!crls.isEmpty()) {
                parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls)));
            }
            CertPathValidator.getInstance("PKIX").validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the peer's certificate (issuer '" + leaf.getIssuerX500Principal().getName() + "', valid until "
                    + leaf.getNotAfter().toInstant() + ") does not verify: " + e.getMessage(), e);
        }
    }

    private void checkPins(X509Certificate leaf) throws CertificateException {
        if (policy.spki().isEmpty() && policy.certificateHashes().isEmpty()) {
            return;
        }
        String spki = Base64.getEncoder().encodeToString(Digests.sha256(leaf.getPublicKey().getEncoded()));
        String hash = HexFormat.of().formatHex(Digests.sha256(leaf.getEncoded()));
        boolean pinned = policy.spki().contains(spki)
                || policy.certificateHashes().stream().anyMatch(h -> h.replace(":", "").toLowerCase(Locale.ROOT).equals(hash));
        if (!pinned) {
            throw new CertificateException("the peer's certificate is not one of the pinned ones");
        }
    }

    private static Bytes digest(X509Certificate[] chain, String usage) throws CertificateException {
        MessageDigest sha = Digests.sha256();
        sha.update(usage.getBytes(StandardCharsets.US_ASCII));
        for (X509Certificate certificate : chain) {
            sha.update(certificate.getEncoded());
        }
        return Bytes.wrap(sha.digest());
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) throws CertificateException {
        check(chain, CLIENT_AUTH);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, @Nullable SSLEngine engine) throws CertificateException {
        check(chain, SERVER_AUTH);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
        check(chain, CLIENT_AUTH);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) throws CertificateException {
        check(chain, SERVER_AUTH);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, CLIENT_AUTH);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain, SERVER_AUTH);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return roots.toArray(X509Certificate[]::new);
    }
}
