package dev.outrider.proxy.identity.ca;

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
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

/**
 * The mesh's CA in machine tests: signs with the mesh's own root for who shows the token, or a certificate of the mesh, and prints what it gave to whom.
 * A process of its own, as Citadel was: {@code MeshCa PORT CERT KEY ROOT ROOTKEY TOKENFILE ID}; the token stands for ID.
 */
public final class MeshCa {

    /** As istiod dates back. */
    private static final Duration AGE = Duration.ofMinutes(2);
    private static final Duration LIFE = Duration.ofHours(24);

    private final TestCertificates authority;
    private final String bearer;
    private final String id;

    /** {@code arguments}: ROOT, ROOTKEY, TOKENFILE, ID. */
    public MeshCa(List<String> arguments) throws IOException, GeneralSecurityException {
        authority = new TestCertificates(
                Pem.certificates(Files.readAllBytes(Path.of(arguments.get(0)))).getFirst(), Pem.key(Files.readAllBytes(Path.of(arguments.get(1)))));
        bearer = "Bearer " + Files.readString(Path.of(arguments.get(2))).strip();
        id = arguments.get(3);
    }

    public static void main(String[] args) throws Exception {
        Server server = NettyServerBuilder.forPort(Integer.parseInt(args[0]))
                .sslContext(GrpcSslContexts.forServer(new File(args[1]), new File(args[2])).trustManager(new File(args[3])).clientAuth(ClientAuth.OPTIONAL).build())
                .addService(new MeshCa(List.of(args).subList(3, args.length)).service())
                .build()
                .start();
        System.out.println("serving on " + server.getPort());
        server.awaitTermination();
    }

    public ServerServiceDefinition service() {
        return ServerInterceptors.intercept(
                ServerServiceDefinition.builder("istio.v1.auth.IstioCertificateService")
                        .addMethod(CreateCertificate.METHOD, ServerCalls.asyncUnaryCall(this::create))
                        .build(),
                Caller.interceptor());
    }

    private void create(IstioCertificateRequest request, StreamObserver<IstioCertificateResponse> out) {
        Caller caller = Caller.current();
        boolean token = bearer.equals(caller.authorization());
        if (!token && caller.names().isEmpty()) {
            System.out.println("refused " + caller);
            out.onError(Status.UNAUTHENTICATED.withDescription("request authenticate failure").asRuntimeException());
            return;
        }
        String to = token ? id : caller.names().getFirst();
        String leaf = authority.sign(request.getCsr(), AGE, LIFE, to);
        System.out.println("issued " + digest(leaf) + " to " + to + " for " + (token ? "a token" : "a certificate"));
        out.onNext(IstioCertificateResponse.newBuilder().addAllCertChain(List.of(leaf, authority.rootPem())).build());
        out.onCompleted();
    }

    /** As Envoy tells it of a peer (Hash of x-forwarded-client-cert). */
    private static String digest(String pem) {
        try {
            X509Certificate leaf = Pem.certificates(pem.getBytes(StandardCharsets.US_ASCII)).getFirst();
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(leaf.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
