package dev.outrider.proxy.connection;

import java.util.List;

/**
 * What a finished TLS handshake says of the other side and of us. Lists are empty and strings are "" where there is nothing.
 *
 * @param uriSans of the peer's leaf, in certificate order (SPIFFE ids)
 * @param sha256 lower-case hex digest of the leaf's DER
 * @param subject RFC 2253 text as Envoy prints it
 * @param pemEncoded URL-encoded PEM of the leaf (XFCC Cert)
 * @param localUriSans of our own leaf
 * @param alpn negotiated protocol
 * @param validated whether the peer presented a certificate and it was verified
 */
public record TlsPeer(
        boolean presented,
        boolean validated,
        List<String> uriSans,
        List<String> dnsSans,
        List<String> ipSans,
        String subject,
        String issuer,
        String serial,
        String sha256,
        String sha1,
        long notBeforeMillis,
        long notAfterMillis,
        String pemEncoded,
        String chainPemEncoded,
        List<String> localUriSans,
        List<String> localDnsSans,
        String localSubject,
        String alpn,
        String version,
        String cipher,
        String sessionId) {

    /** First URI SAN, or "". */
    public String identity() {
        return uriSans.isEmpty() ? "" : uriSans.getFirst();
    }

    public String localIdentity() {
        return localUriSans.isEmpty() ? "" : localUriSans.getFirst();
    }
}
