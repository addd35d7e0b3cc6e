package dev.outrider.proxy.identity.ca;

import dev.outrider.proxy.identity.KeyPairFiles;
import dev.outrider.proxy.identity.Pem;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.proto.istio.v1.auth.IstioCertificateRequest;
import dev.outrider.xds.proto.istio.v1.auth.IstioCertificateResponse;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A mesh CA as istiod and Citadel are seen from a client: gRPC over TLS, a bearer token or a client certificate, errors on demand. */
public final class TestCa implements AutoCloseable {

    /** A request as it came in. */
    public record Seen(IstioCertificateRequest request, @Nullable String authorization, @Nullable String clusterId, List<String> clientNames) {}

    private final TestCertificates authority;
    private final String id;
    private final Server server;
    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
    private volatile Status refusal = Status.OK;
    private volatile Duration life = Duration.ofHours(24);
    private volatile @Nullable List<String> answer;
    private volatile TestCertificates signer;

    /** {@code names} of its own certificate; no names = plaintext. */
    public TestCa(TestCertificates authority, String id, String... names) {
        this(authority, id, Duration.ofDays(1), names);
    }

    /** {@code ownLife} of its own certificate; negative = expired. */
    public TestCa(TestCertificates authority, String id, Duration ownLife, String... names) {
        this.authority = authority;
        this.signer = authority;
        this.id = id;
        try {
            NettyServerBuilder builder = NettyServerBuilder.forAddress(new java.net.InetSocketAddress("127.0.0.1", 0));
            if (names.length > 0) {
                KeyPairFiles own = KeyPairFiles.of(authority.leaf(ownLife, names));
                builder.sslContext(GrpcSslContexts.configure(SslContextBuilder.forServer(own.key(), own.chainArray()))
                        .clientAuth(ClientAuth.OPTIONAL)
                        .trustManager(Pem.certificates(authority.rootPem().getBytes(StandardCharsets.US_ASCII)))
                        .build());
            }
            server = builder.addService(ServerInterceptors.intercept(
                            ServerServiceDefinition.builder("istio.v1.auth.IstioCertificateService")
                                    .addMethod(CreateCertificate.METHOD, ServerCalls.asyncUnaryCall(this::create))
                                    .build(),
                            Caller.interceptor()))
                    .build().start();
        } catch (java.io.IOException | java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void create(IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> out) {
        Caller caller = Caller.current();
        seen.add(new Seen(request, caller.authorization(), caller.clusterId(), caller.names()));
        if (!refusal.isOk()) {
            out.onError(refusal.asRuntimeException());
            return;
        }
        if (caller.authorization() == null && caller.names().isEmpty()) {
            out.onError(Status.UNAUTHENTICATED.withDescription("request authenticate failure").asRuntimeException());
            return;
        }
        List<String> elements = answer;
        out.onNext(IstioCertificateResponse.newBuilder()
                .addAllCertChain(elements != null ? elements : List.of(signer.sign(request.getCsr(), life, id), signer.rootPem())).build());
        out.onCompleted();
    }

    public int port() {
        return server.getPort();
    }

    public TestCertificates authority() {
        return authority;
    }

    /** From now on; {@link Status#OK} = sign. */
    public void refuse(Status status) {
        refusal = status;
    }

    /** Of what it signs. */
    public void life(Duration other) {
        life = other;
    }

    /** Sends these elements whatever is asked; null = sign. */
    public void answer(@Nullable List<String> elements) {
        answer = elements;
    }

    /** Signs with another root from now on; its own certificate stays. */
    public void signWith(TestCertificates other) {
        signer = other;
    }

    public Seen next() throws InterruptedException {
        Seen one = seen.poll(10, TimeUnit.SECONDS);
        if (one == null) {
            throw new AssertionError("the CA was not asked");
        }
        return one;
    }

    public int requests() {
        return seen.size();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
