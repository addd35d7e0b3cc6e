package dev.outrider.xds.model;

import dev.outrider.xds.model.source.ResourceRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How bytes are wrapped on one side. */
public sealed interface TransportSocket {

    record RawBuffer() implements TransportSocket {}

    /** envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext. */
    record DownstreamTls(TlsContext common, boolean requireClientCertificate, boolean requireSni) implements TransportSocket {}

    /**
     * envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext; empty {@code sni} = none.
     *
     * @param maxSessionKeys how many sessions are kept to be resumed, 0 = none, null = not said
     */
    record UpstreamTls(TlsContext common, String sni, boolean autoHostSni, boolean autoSniSanValidation, @Nullable Integer maxSessionKeys)
            implements TransportSocket {}

    /**
     * envoy.extensions.transport_sockets.tls.v3.CommonTlsContext. Certificates and validation come inline or by secret name; both empty
     * and null = none.
     *
     * @param minVersion "TLSv1.2" or "TLSv1.3"
     * @param cipherSuites OpenSSL names, empty = the default
     */
    record TlsContext(
            List<Secret.Certificate> certificates,
            List<ResourceRef> certificateSecrets,
            Secret.@Nullable Validation validation,
            @Nullable ResourceRef validationSecret,
            List<String> alpnProtocols,
            String minVersion,
            String maxVersion,
            List<String> cipherSuites,
            List<String> curves) {}
}
