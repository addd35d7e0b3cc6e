package dev.outrider.xds.resource;

import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import dev.outrider.xds.model.TransportSocket.TlsContext;
import dev.outrider.xds.model.source.ResourceRef;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.TlsParameters;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import dev.outrider.xds.resource.part.ConfigSourceParser;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.Scope;
import java.util.ArrayList;
import java.util.List;

/** envoy.config.core.v3.TransportSocket: raw_buffer and TLS of either side. Session tickets, OCSP and key logs are left out. */
final class TransportSocketParser {

    static final TransportSocket RAW = new TransportSocket.RawBuffer();

    private static final String TLS = "envoy.extensions.transport_sockets.tls.v3.";
    private TransportSocketParser() {}

    static TransportSocket downstream(boolean present, dev.outrider.xds.proto.envoy.config.core.v3.TransportSocket message, Scope at) {
        return present ? socket(message, TLS + "DownstreamTlsContext", at) : RAW;
    }

    static TransportSocket upstream(boolean present, dev.outrider.xds.proto.envoy.config.core.v3.TransportSocket message, Scope at) {
        return present ? socket(message, TLS + "UpstreamTlsContext", at) : RAW;
    }

    private static TransportSocket socket(
            dev.outrider.xds.proto.envoy.config.core.v3.TransportSocket message, String tlsType, Scope at) {
        Scope config = at.at("typed_config");
        Extension extension = Extension.of(message.getName(), message.getTypedConfig(), config);
        String type = extension.type();
        if (type.isEmpty() && message.getName().equals("envoy.transport_sockets.tls")) {
            type = tlsType;
        }
        boolean raw = type.isEmpty()
                ? message.getName().equals("envoy.transport_sockets.raw_buffer")
                : type.equals("envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer");
        if (raw) {
            return RAW;
        }
        if (type.equals(tlsType)) {
            return type.endsWith("DownstreamTlsContext")
                    ? downstreamTls(extension.read(DownstreamTlsContext.getDefaultInstance(), config), config)
                    : upstreamTls(extension.read(UpstreamTlsContext.getDefaultInstance(), config), config);
        }
        extension.unsupported("transport socket", at);
        return RAW;
    }

    private static TransportSocket downstreamTls(DownstreamTlsContext message, Scope at) {
        TlsContext common = common(message.getCommonTlsContext(), at.at("common_tls_context"));
        if (common.certificates().isEmpty() && common.certificateSecrets().isEmpty()) {
            at.at("common_tls_context").reject("a server needs a certificate: tls_certificates or"
                    + " tls_certificate_sds_secret_configs");
        }
        return new TransportSocket.DownstreamTls(
                common, message.getRequireClientCertificate().getValue(), message.getRequireSni().getValue());
    }

    private static TransportSocket upstreamTls(UpstreamTlsContext message, Scope at) {
        if (message.getSni().length() > 255) {
            at.at("sni").reject("is longer than 255 bytes");
        }
        return new TransportSocket.UpstreamTls(
                common(message.getCommonTlsContext(), at.at("common_tls_context")),
                message.getSni(),
                message.getAutoHostSni(),
                message.getAutoSniSanValidation(),
                message.hasMaxSessionKeys() ? (int) Math.min(Integer.toUnsignedLong(message.getMaxSessionKeys().getValue()), Integer.MAX_VALUE) : null);
    }

    private static TlsContext common(CommonTlsContext message, Scope at) {
        List<Secret.Certificate> certificates = new ArrayList<>();
        for (int i = 0; i < message.getTlsCertificatesCount(); i++) {
            certificates.add(SecretParser.certificate(message.getTlsCertificates(i), at.at("tls_certificates", i)));
        }
        List<ResourceRef> refs = new ArrayList<>();
        for (int i = 0; i < message.getTlsCertificateSdsSecretConfigsCount(); i++) {
            refs.add(ref(message.getTlsCertificateSdsSecretConfigs(i), at.at("tls_certificate_sds_secret_configs", i)));
        }
        rejectUnbuilt(message, at);
        Secret.Validation validation = null;
        ResourceRef validationRef = null;
        switch (message.getValidationContextTypeCase()) {
            case VALIDATION_CONTEXT ->
                validation = SecretParser.validation(message.getValidationContext(), at.at("validation_context"));
            case VALIDATION_CONTEXT_SDS_SECRET_CONFIG ->
                validationRef = ref(message.getValidationContextSdsSecretConfig(), at.at("validation_context_sds_secret_config"));
            case COMBINED_VALIDATION_CONTEXT -> {
                var combined = message.getCombinedValidationContext();
                Scope here = at.at("combined_validation_context");
                validation = SecretParser.validation(
                        combined.getDefaultValidationContext(), here.at("default_validation_context"));
                validationRef = ref(
                        combined.getValidationContextSdsSecretConfig(), here.at("validation_context_sds_secret_config"));
            }
            case VALIDATION_CONTEXT_CERTIFICATE_PROVIDER, VALIDATION_CONTEXT_CERTIFICATE_PROVIDER_INSTANCE ->
                at.reject("certificate providers are not supported");
            case VALIDATIONCONTEXTTYPE_NOT_SET -> {}
        }
        TlsParameters params = message.getTlsParams();
        return new TlsContext(
                List.copyOf(certificates),
                List.copyOf(refs),
                validation,
                validationRef,
                List.copyOf(message.getAlpnProtocolsList()),
                version(params.getTlsMinimumProtocolVersion(), "TLSv1.2", at.at("tls_params").at("tls_minimum_protocol_version")),
                version(params.getTlsMaximumProtocolVersion(), "TLSv1.3", at.at("tls_params").at("tls_maximum_protocol_version")),
                List.copyOf(params.getCipherSuitesList()),
                List.copyOf(params.getEcdhCurvesList()));
    }

    private static void rejectUnbuilt(CommonTlsContext message, Scope at) {
        if (message.hasTlsCertificateProviderInstance() || message.hasTlsCertificateCertificateProvider()
                || message.hasTlsCertificateCertificateProviderInstance()) {
            at.reject("certificate providers are not supported");
        }
        if (message.hasCustomHandshaker()) {
            at.at("custom_handshaker").reject("'" + message.getCustomHandshaker().getName() + "' is not supported");
        }
        if (message.hasCustomTlsCertificateSelector()) {
            at.at("custom_tls_certificate_selector")
                    .reject("'" + message.getCustomTlsCertificateSelector().getName() + "' is not supported");
        }
    }

    private static String version(TlsParameters.TlsProtocol protocol, String automatic, Scope at) {
        return switch (protocol) {
            case TLS_AUTO -> automatic;
            case TLSv1_2 -> "TLSv1.2";
            case TLSv1_3 -> "TLSv1.3";
            case TLSv1_0, TLSv1_1, UNRECOGNIZED -> {
                at.reject(protocol.name() + " is not supported, TLSv1_2 is the oldest version");
                yield automatic;
            }
        };
    }

    private static ResourceRef ref(SdsSecretConfig message, Scope at) {
        return new ResourceRef(
                Fields.notEmpty(message.getName(), at.at("name")),
                message.hasSdsConfig() ? ConfigSourceParser.parse(message.getSdsConfig(), at.at("sds_config")) : null);
    }
}
