package dev.outrider.bench.training;

import dev.outrider.proxy.demo.DemoAuthority;
import dev.outrider.xds.proto.istio.v1.auth.IstioCertificateRequest;
import dev.outrider.xds.proto.istio.v1.auth.IstioCertificateResponse;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The mesh's CA (istio.v1.auth.IstioCertificateService) for one workload: believes every token. gRPC's threads. */
final class MeshAuthority implements AutoCloseable {

    /** As the sidecar knows the CA. */
    static final String NAME = "istiod.istio-system.svc";

    private static final MethodDescriptor<IstioCertificateRequest, IstioCertificateResponse> CREATE =
            MethodDescriptor.<IstioCertificateRequest, IstioCertificateResponse>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("istio.v1.auth.IstioCertificateService/CreateCertificate")
                    .setRequestMarshaller(ProtoLiteUtils.marshaller(IstioCertificateRequest.getDefaultInstance()))
                    .setResponseMarshaller(ProtoLiteUtils.marshaller(IstioCertificateResponse.getDefaultInstance()))
                    .build();

    private final DemoAuthority authority;
    private final String workload;
    private final Server server;

    /** {@code workload}: the identity that it gives to whoever asks. */
    MeshAuthority(DemoAuthority authority, String workload) {
        this.authority = authority;
        this.workload = workload;
        DemoAuthority.Issued own = authority.issue(NAME);
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .sslContext(GrpcSslContexts.forServer(stream(own.chainPem()), stream(own.keyPem())).build())
                    .addService(ServerServiceDefinition.builder("istio.v1.auth.IstioCertificateService")
                            .addMethod(CREATE, ServerCalls.asyncUnaryCall(this::create))
                            .build())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("the CA of the training run cannot listen", e);
        }
    }

    private static ByteArrayInputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    private void create(IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> out) {
        out.onNext(IstioCertificateResponse.newBuilder()
                .addAllCertChain(List.of(authority.sign(request.getCsr(), workload), authority.rootPem())).build());
        out.onCompleted();
    }

    int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
