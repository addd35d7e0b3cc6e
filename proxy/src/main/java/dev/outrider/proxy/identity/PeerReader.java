package dev.outrider.proxy.identity;

import dev.outrider.proxy.connection.TlsPeer;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.cert.Certificate;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.security.auth.x500.X500Principal;

/** Turns a finished handshake into a {@link TlsPeer}. What a leaf says is read once and remembered: a mesh has few peers and many connections. */
final class PeerReader {

    private static final int MAX_REMEMBERED = 512;

    private record Leaf(
            List<String> uris, List<String> dns, List<String> ips, String subject, String issuer, String serial, String sha256, String sha1,
            long notBefore, long notAfter, String pem) {}

    private static final Leaf NONE = new Leaf(List.of(), List.of(), List.of(), "", "", "", "", "", 0, 0, "");

    private final ConcurrentHashMap<X509Certificate, Leaf> leaves = new ConcurrentHashMap<>();

    /** Chains by their leaf: what stands above one hardly ever differs, and is compared. */
    private final ConcurrentHashMap<X509Certificate, Chain> chains = new ConcurrentHashMap<>();

    private record Chain(List<Certificate> certificates, String pem) {}

    TlsPeer read(SSLEngine engine, String alpn, boolean verifies, X509Certificate[] local) {
        SSLSession session = engine.getSession();
        Leaf leaf = NONE;
        boolean presented = false;
        String chainPem = "";
        try {
            Certificate[] chain = session.getPeerCertificates();
            if (chain.length > 0 && chain[0] instanceof X509Certificate certificate) {
                presented = true;
                leaf = leaf(certificate);
                chainPem = chain.length == 1 ? leaf.pem() : chainPem(certificate, List.of(chain));
            }
        } catch (SSLPeerUnverifiedException | CertificateEncodingException e) {
            presented = false;
        }
        Leaf own = local.length == 0 ? NONE : own(local[0]);
        return new TlsPeer(
                presented, presented && verifies, leaf.uris(), leaf.dns(), leaf.ips(), leaf.subject(), leaf.issuer(), leaf.serial(), leaf.sha256(), leaf.sha1(),
                leaf.notBefore(), leaf.notAfter(), leaf.pem(), chainPem,
                own.uris(), own.dns(), own.subject(),
                alpn, session.getProtocol(), openSslName(session.getCipherSuite()), HexFormat.of().formatHex(session.getId()));
    }

    private Leaf own(X509Certificate certificate) {
        try {
            return leaf(certificate);
        } catch (CertificateEncodingException e) {
            return NONE;
        }
    }

    private String chainPem(X509Certificate leaf, List<Certificate> certificates) throws CertificateEncodingException {
        Chain known = chains.get(leaf);
        if (known == null || !known.certificates().equals(certificates)) {
            known = new Chain(certificates, pem(certificates));
            remember(chains, leaf, known);
        }
        return known.pem();
    }

    private static <T> void remember(ConcurrentHashMap<X509Certificate, T> where, X509Certificate certificate, T what) {
        if (where.size() >= MAX_REMEMBERED) {
            where.clear();
        }
        where.put(certificate, what);
    }

    private Leaf leaf(X509Certificate certificate) throws CertificateEncodingException {
        Leaf known = leaves.get(certificate);
        if (known != null) {
            return known;
        }
        byte[] der = certificate.getEncoded();
        List<SanPolicy.Name> names = SanPolicy.names(certificate);
        Leaf leaf = new Leaf(
                SanPolicy.texts(names, SanPolicy.URI), SanPolicy.texts(names, SanPolicy.DNS), SanPolicy.texts(names, SanPolicy.IP),
                name(certificate.getSubjectX500Principal()), name(certificate.getIssuerX500Principal()), certificate.getSerialNumber().toString(16),
                HexFormat.of().formatHex(Digests.sha256(der)), HexFormat.of().formatHex(Digests.sha1(der)),
                certificate.getNotBefore().getTime(), certificate.getNotAfter().getTime(), pem(List.of(certificate)));
        remember(leaves, certificate, leaf);
        return leaf;
    }

    private static String name(X500Principal principal) {
        return principal.getName(X500Principal.RFC2253);
    }

    private static String pem(List<Certificate> chain) throws CertificateEncodingException {
        StringBuilder all = new StringBuilder();
        Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
        for (Certificate each : chain) {
            all.append("-----BEGIN CERTIFICATE-----\n").append(lines.encodeToString(each.getEncoded())).append("\n-----END CERTIFICATE-----\n");
        }
        return URLEncoder.encode(all.toString(), StandardCharsets.US_ASCII).replace("+", "%20");
    }

    /** {@code TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256} as OpenSSL and Envoy call it; names of TLS 1.3 stay. */
    static String openSslName(String javaName) {
        int with = javaName.indexOf("_WITH_");
        if (with < 0) {
            return javaName;
        }
        String exchange = javaName.substring(javaName.indexOf('_') + 1, with).replace('_', '-');
        String cipher = javaName.substring(with + 6).replace('_', '-').replace("AES-", "AES").replace("-CBC", "");
        cipher = cipher.startsWith("CHACHA20") ? "CHACHA20-POLY1305" : cipher;
        return exchange.equals("RSA") ? cipher : exchange + "-" + cipher;
    }
}
