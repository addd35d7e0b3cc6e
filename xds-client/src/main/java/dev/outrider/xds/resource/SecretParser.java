package dev.outrider.xds.resource;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.proto.envoy.config.core.v3.DataSource;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.FileSource;
import dev.outrider.xds.resource.part.MatcherParser;
import dev.outrider.xds.resource.part.Scope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * envoy.extensions.transport_sockets.tls.v3.Secret: certificates and validation contexts. Files are read here, on the calling thread.
 * Whether the PEM holds usable keys is found out where TLS contexts are built. Reasons never quote the data.
 */
public final class SecretParser {

    private SecretParser() {}

    public static Parsed<Secret> parse(dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.Secret message) {
        return parse(message, FileSource.SYSTEM);
    }

    public static Parsed<Secret> parse(
            dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.Secret message, FileSource files) {
        return Parsed.of(files, scope -> secret(message, scope));
    }

    private static Secret secret(dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.Secret message, Scope at) {
        return switch (message.getTypeCase()) {
            case TLS_CERTIFICATE -> certificate(message.getTlsCertificate(), at.at("tls_certificate"));
            case VALIDATION_CONTEXT -> validation(message.getValidationContext(), at.at("validation_context"));
            case SESSION_TICKET_KEYS, GENERIC_SECRET, TYPE_NOT_SET -> {
                at.reject("a secret is a tls_certificate or a validation_context here, not " + message.getTypeCase());
                yield new Secret.Certificate(Bytes.EMPTY, Bytes.EMPTY, null, null);
            }
        };
    }

    static Secret.Certificate certificate(TlsCertificate message, Scope at) {
        if (message.hasPkcs12()) {
            at.at("pkcs12").reject("is not supported, give certificate_chain and private_key");
        }
        if (message.hasPrivateKeyProvider()) {
            at.at("private_key_provider").reject("is not supported, give private_key");
        }
        if (message.hasPassword()) {
            at.at("password").reject("encrypted keys are not supported");
        }
        return new Secret.Certificate(
                pem(message.getCertificateChain(), at.at("certificate_chain")),
                pem(message.getPrivateKey(), at.at("private_key")),
                path(message.getCertificateChain()),
                path(message.getPrivateKey()));
    }

    private static Bytes pem(DataSource source, Scope at) {
        int before = at.reasons().size();
        Bytes pem = Fields.data(source, at);
        if (at.reasons().size() == before && !pem.toUtf8().contains("-----BEGIN ")) {
            at.reject("holds no PEM");
        }
        return pem;
    }

    private static @Nullable String path(DataSource source) {
        return source.hasFilename() ? source.getFilename() : null;
    }

    static Secret.Validation validation(CertificateValidationContext message, Scope at) {
        if (message.hasCustomValidatorConfig()) {
            at.at("custom_validator_config").reject("'" + message.getCustomValidatorConfig().getName() + "' is not supported");
        }
        if (message.hasCaCertificateProviderInstance()) {
            at.at("ca_certificate_provider_instance").reject("is not supported");
        }
        if (message.getRequireSignedCertificateTimestamp().getValue()) {
            at.at("require_signed_certificate_timestamp").reject("is not supported");
        }
        if (message.getAllowExpiredCertificate()) {
            at.at("allow_expired_certificate").reject("is not supported");
        }
        boolean acceptUntrusted = switch (message.getTrustChainVerification()) {
            case VERIFY_TRUST_CHAIN -> false;
            case ACCEPT_UNTRUSTED -> true;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getTrustChainVerificationValue(), at.at("trust_chain_verification"));
                yield false;
            }
        };
        Bytes roots = message.hasTrustedCa() ? pem(message.getTrustedCa(), at.at("trusted_ca")) : Bytes.EMPTY;
        return new Secret.Validation(
                roots,
                path(message.getTrustedCa()),
                sans(message, at),
                message.hasCrl() ? pem(message.getCrl(), at.at("crl")) : Bytes.EMPTY,
                List.copyOf(message.getVerifyCertificateSpkiList()),
                List.copyOf(message.getVerifyCertificateHashList()),
                message.hasSystemRootCerts(),
                acceptUntrusted);
    }

    private static List<Secret.San> sans(CertificateValidationContext message, Scope at) {
        List<Secret.San> sans = new ArrayList<>();
        for (int i = 0; i < message.getMatchTypedSubjectAltNamesCount(); i++) {
            SubjectAltNameMatcher san = message.getMatchTypedSubjectAltNames(i);
            Scope here = at.at("match_typed_subject_alt_names", i);
            sans.add(new Secret.San(type(san, here.at("san_type")), MatcherParser.string(san.getMatcher(), here.at("matcher"))));
        }
        if (sans.isEmpty()) {
            MatcherParser.strings(message.getMatchSubjectAltNamesList(), "match_subject_alt_names", at)
                    .forEach(matcher -> sans.add(new Secret.San(Secret.San.Type.ANY, matcher)));
        }
        return List.copyOf(sans);
    }

    private static Secret.San.Type type(SubjectAltNameMatcher san, Scope at) {
        return switch (san.getSanType()) {
            case EMAIL -> Secret.San.Type.EMAIL;
            case DNS -> Secret.San.Type.DNS;
            case URI -> Secret.San.Type.URI;
            case IP_ADDRESS -> Secret.San.Type.IP;
            case SAN_TYPE_UNSPECIFIED, OTHER_NAME, UNRECOGNIZED -> {
                at.reject("value " + san.getSanTypeValue() + " is not supported");
                yield Secret.San.Type.ANY;
            }
        };
    }
}
