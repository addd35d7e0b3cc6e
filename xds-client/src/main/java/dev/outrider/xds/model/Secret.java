package dev.outrider.xds.model;

import dev.outrider.xds.model.match.StringMatcher;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** envoy.extensions.transport_sockets.tls.v3.Secret, its data read. Printing one never shows key material. */
public sealed interface Secret {

    /** PEM: leaf first; {@code chainPath}/{@code keyPath} say which files to watch, null = inline. */
    record Certificate(Bytes chainPem, Bytes keyPem, @Nullable String chainPath, @Nullable String keyPath) implements Secret {}

    /**
     * envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext. With a secret the parts are merged: trust from the secret,
     * names from the default context.
     *
     * @param trustedCaPem empty = no chain validation
     * @param sans any of them must match any SAN; empty = every identity of the roots
     * @param spki base64 SHA-256 pins
     * @param certificateHashes hex SHA-256 pins
     */
    record Validation(
            Bytes trustedCaPem,
            @Nullable String trustedCaPath,
            List<San> sans,
            Bytes crlPem,
            List<String> spki,
            List<String> certificateHashes,
            boolean systemRoots,
            boolean acceptUntrusted) implements Secret {}

    /** A subject alternative name matcher. ANY comes from the deprecated match_subject_alt_names. */
    record San(Type type, StringMatcher matcher) {
        public enum Type { ANY, EMAIL, DNS, URI, IP }
    }
}
