package dev.outrider.proxy.identity.ca;

import dev.outrider.proxy.identity.KeyPairFiles;
import dev.outrider.proxy.identity.PeerVerifier;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.ads.NamedServerContext;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.proto.istio.v1.auth.IstioCertificateResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NegotiationType;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a mesh CA for one certificate, over a connection of its own that ends with the answer: it happens twice a day, and trust, name and client
 * certificate are thus always the newest. {@link #request} on the identity thread, where answers complete too.
 */
public final class CaClient implements CertificateAuthority {

    /** Istio's agent sets none, and hangs with a CA that accepts and never answers. */
    private static final long DEADLINE_SECONDS = 10;

    private static final int MAX_ANSWER_BYTES = 1 << 20;

    private final CaSettings settings;
    private final GrpcTransport transport;
    private final Executor identityThread;
    private final Clock clock;

    public CaClient(CaSettings settings, GrpcTransport transport, Executor identityThread, Clock clock) {
        this.settings = settings;
        this.transport = transport;
        this.identityThread = identityThread;
        this.clock = clock;
    }

    @Override
    public CompletableFuture<IssuedCertificate> request(CaCredentials credentials) {
        CompletableFuture<IssuedCertificate> answer = new CompletableFuture<>();
        ask(SigningRequest.make(settings.keyKind(), settings.spiffeId()), credentials, 0, new ArrayList<>(), answer);
        return answer;
    }

    private void ask(
            SigningRequest request, CaCredentials credentials, int index, List<CaException> failures, CompletableFuture<IssuedCertificate> answer) {
        CaAddress address = settings.addresses().get(index);
        one(request, credentials, address).whenCompleteAsync((issued, failure) -> {
            if (issued != null) {
                answer.complete(issued);
                return;
            }
            failures.add(failure instanceof CaException known ? known : new CaException(CaException.Kind.OTHER, String.valueOf(failure)));
            if (index + 1 < settings.addresses().size() && elsewhere(failures.getLast().kind())) {
                ask(request, credentials, index + 1, failures, answer);
            } else {
                answer.completeExceptionally(telling(failures));
            }
        }, identityThread);
    }

    /** Whether another address may do better: who was understood and refused is refused there too. */
    private static boolean elsewhere(CaException.Kind kind) {
        return kind != CaException.Kind.UNAUTHENTICATED && kind != CaException.Kind.DENIED;
    }

    /** That nobody listens at the second name does not matter when the first one has said what is wrong, unless it was only that it is no CA. */
    private static CaException telling(List<CaException> failures) {
        CaException first = failures.stream().filter(f -> f.kind() != CaException.Kind.UNREACHABLE).findFirst().orElse(failures.getFirst());
        CaException last = failures.getLast();
        return first == last || first.kind() != CaException.Kind.NO_SUCH_SERVICE ? first : new CaException(last.kind(), last.line() + "; and " + first.line());
    }

    private CompletableFuture<IssuedCertificate> one(SigningRequest request, CaCredentials credentials, CaAddress address) {
        CompletableFuture<IssuedCertificate> answer = new CompletableFuture<>();
        CaDiagnosis diagnosis = new CaDiagnosis(address, settings, credentials, clock);
        ManagedChannel channel;
        try {
            channel = channel(address, credentials);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            answer.completeExceptionally(new CaException(CaException.Kind.OTHER, "CA " + address + ": " + e.getMessage()));
            return answer;
        }
        answer.whenComplete((issued, failure) -> channel.shutdownNow());
        ClientCall<?, IstioCertificateResponse> call = send(channel, request, credentials, new ClientCall.Listener<>() {
            private @Nullable IstioCertificateResponse response;

            @Override
            public void onMessage(IstioCertificateResponse message) {
                response = message;
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                IstioCertificateResponse message = response;
                if (!status.isOk() || message == null) {
                    answer.completeExceptionally(diagnosis.of(status));
                    return;
                }
                try {
                    answer.complete(CaAnswer.read(message.getCertChainList(), request, clock.instant()));
                } catch (CaAnswer.Unusable e) {
                    answer.completeExceptionally(new CaException(e.kind(), "CA " + address + ": " + e.getMessage()));
                }
            }
        });
        call.request(1);
        return answer;
    }

    private ClientCall<?, IstioCertificateResponse> send(
            ManagedChannel channel, SigningRequest request, CaCredentials credentials, ClientCall.Listener<IstioCertificateResponse> listener) {
        var call = channel.newCall(CreateCertificate.METHOD, CallOptions.DEFAULT.withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
        call.start(listener, CreateCertificate.metadata(settings, credentials));
        call.sendMessage(CreateCertificate.message(settings, request));
        call.halfClose();
        return call;
    }

    private ManagedChannel channel(CaAddress address, CaCredentials credentials) throws IOException, GeneralSecurityException {
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(address.host(), address.port()).channelType(transport.tcp());
        if (address.plaintext()) {
            builder.usePlaintext();
        } else {
            builder.negotiationType(NegotiationType.TLS).sslContext(tls(address, credentials));
            if (!address.sni().isEmpty()) {
                builder.overrideAuthority(address.sni());
            }
        }
        return builder.eventLoopGroup(transport.loops())
                .executor(identityThread)
                .maxInboundMessageSize(MAX_ANSWER_BYTES)
                .disableRetry()
                .disableServiceConfigLookUp()
                .userAgent("outrider")
                .build();
    }

    private SslContext tls(CaAddress address, CaCredentials credentials) throws IOException, GeneralSecurityException {
        Path roots = settings.roots();
        if (roots != null && !Files.isReadable(roots)) {
            throw new IOException(roots + " is missing or not readable for this user: copy the mesh's root-cert.pem there");
        }
        Bytes bundle = roots == null ? Bytes.EMPTY : Bytes.wrap(Files.readAllBytes(roots));
        SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient());
        try {
            builder.trustManager(new PeerVerifier(new Secret.Validation(
                    bundle, null, address.sans(), Bytes.EMPTY, List.of(), List.of(), roots == null, false)));
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException((roots == null ? "" : roots + ": ") + e.getMessage(), e);
        }
        Secret.Certificate own = credentials.certificate();
        if (own != null) {
            KeyPairFiles pair = KeyPairFiles.of(own);
            builder.keyManager(pair.key(), pair.chainArray());
        }
        SslContext context = builder.build();
        return address.sni().isEmpty() ? context : new NamedServerContext(context, address.sni());
    }
}
