package dev.outrider.proxy.identity.ca;

import dev.outrider.xds.proto.google.protobuf.Struct;
import dev.outrider.xds.proto.google.protobuf.Value;
import dev.outrider.xds.proto.istio.v1.auth.IstioCertificateRequest;
import dev.outrider.xds.proto.istio.v1.auth.IstioCertificateResponse;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import java.util.Locale;

/** The call on the wire. */
final class CreateCertificate {

    static final MethodDescriptor<IstioCertificateRequest, IstioCertificateResponse> METHOD =
            MethodDescriptor.<IstioCertificateRequest, IstioCertificateResponse>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("istio.v1.auth.IstioCertificateService/CreateCertificate")
                    .setRequestMarshaller(ProtoLiteUtils.marshaller(IstioCertificateRequest.getDefaultInstance()))
                    .setResponseMarshaller(ProtoLiteUtils.marshaller(IstioCertificateResponse.getDefaultInstance()))
                    .build();

    private CreateCertificate() {}

    static IstioCertificateRequest message(CaSettings settings, SigningRequest request) {
        IstioCertificateRequest.Builder message = IstioCertificateRequest.newBuilder()
                .setCsr(request.csrPem())
                .setValidityDuration(settings.life().toSeconds());
        if (!settings.certSigner().isEmpty()) {
            message.setMetadata(Struct.newBuilder().putFields("CertSigner", Value.newBuilder().setStringValue(settings.certSigner()).build()));
        }
        return message.build();
    }

    static Metadata metadata(CaSettings settings, CaCredentials credentials) {
        Metadata metadata = new Metadata();
        settings.headers().forEach((name, value) -> metadata.put(key(name), value));
        if (!settings.clusterId().isEmpty()) {
            metadata.put(key("clusterid"), settings.clusterId());
        }
        String token = credentials.token();
        if (token != null) {
            metadata.put(key("authorization"), "Bearer " + token);
        }
        return metadata;
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name.toLowerCase(Locale.ROOT), Metadata.ASCII_STRING_MARSHALLER);
    }
}
