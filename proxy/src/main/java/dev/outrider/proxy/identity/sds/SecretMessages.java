package dev.outrider.proxy.identity.sds;

import com.google.protobuf.ByteString;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.proto.envoy.config.core.v3.DataSource;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.Secret;
import dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import dev.outrider.xds.proto.google.protobuf.Any;

/** Our secrets as Envoy's messages, content inline. Pure. */
final class SecretMessages {

    static final String TYPE = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";

    private SecretMessages() {}

    static Any of(String name, dev.outrider.xds.model.Secret secret) {
        Secret.Builder message = Secret.newBuilder().setName(name);
        switch (secret) {
            case dev.outrider.xds.model.Secret.Certificate own -> message.setTlsCertificate(TlsCertificate.newBuilder()
                    .setCertificateChain(inline(own.chainPem())).setPrivateKey(inline(own.keyPem())));
            case dev.outrider.xds.model.Secret.Validation trust -> {
                var context = CertificateValidationContext.newBuilder().setTrustedCa(inline(trust.trustedCaPem()));
                if (trust.crlPem().length() > 0) {
                    context.setCrl(inline(trust.crlPem()));
                }
                message.setValidationContext(context);
            }
        }
        return Any.newBuilder().setTypeUrl(TYPE).setValue(message.build().toByteString()).build();
    }

    private static DataSource inline(Bytes bytes) {
        return DataSource.newBuilder().setInlineBytes(ByteString.copyFrom(bytes.toArray())).build();
    }
}
