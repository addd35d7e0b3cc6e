package dev.outrider.proxy.identity.sds;

import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.SecretSource;
import dev.outrider.xds.model.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret.TypeCase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SecretServerTest {

    /** Two names, changed by hand. */
    private static final class HandSource implements SecretSource {

        private record Watch(String name, Consumer<Secret> sink) {}

        private final Map<String, Secret> secrets = new ConcurrentHashMap<>();
        private final List<Watch> watches = new CopyOnWriteArrayList<>();

        void put(String name, Secret secret) {
            secrets.put(name, secret);
            watches.stream().filter(watch -> watch.name().equals(name)).forEach(watch -> watch.sink().accept(secret));
        }

        @Override
        public boolean serves(String name) {
            return name.equals("default") || name.equals("ROOTCA");
        }

        @Override
        public @Nullable Secret now(String name) {
            return secrets.get(name);
        }

        @Override
        public AutoCloseable watch(String name, Consumer<Secret> sink) {
            Watch watch = new Watch(name, sink);
            watches.add(watch);
            Secret secret = secrets.get(name);
            if (secret != null) {
                sink.accept(secret);
            }
            return () -> watches.remove(watch);
        }
    }

    private static final class Answers<T> implements StreamObserver<T> {

        private final BlockingQueue<T> all = new LinkedBlockingQueue<>();

        @Override
        public void onNext(T value) {
            all.add(value);
        }

        @Override
        public void onError(Throwable t) {}

        @Override
        public void onCompleted() {}

        T next() throws InterruptedException {
            T one = all.poll(10, TimeUnit.SECONDS);
            assertNotNull(one, "no answer");
            return one;
        }
    }

    private final TestCertificates authority = new TestCertificates();
    private final Secret.Certificate certificate = authority.leaf("spiffe://cluster.local/ns/vm/sa/vmapp");
    private final HandSource source = new HandSource();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    @TempDir
    private Path folder;
    private Path socket = Path.of("");
    private SecretServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        socket = folder.resolve("uds").resolve("socket");
        source.put("default", certificate);
        source.put("ROOTCA", authority.trust());
        server = SecretServer.start(socket, "", false, source, loops);
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString())).overrideAuthority("localhost")
                .channelType(EpollDomainSocketChannel.class).eventLoopGroup(loops).usePlaintext().build();
    }

    @AfterEach
    void close() throws Exception {
        channel.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
        server.close();
        assertFalse(Files.exists(socket), "the socket stays behind");
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    private static io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret secret(com.google.protobuf.Any any) throws Exception {
        return any.unpack(io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret.class);
    }

    @Test
    void aStreamGetsWhatItNamesAndEveryLaterVersion() throws Exception {
        Answers<DiscoveryResponse> answers = new Answers<>();
        var requests = SecretDiscoveryServiceGrpc.newStub(channel).streamSecrets(answers);
        requests.onNext(DiscoveryRequest.newBuilder().addResourceNames("default").build());
        DiscoveryResponse first = answers.next();
        assertArrayEquals(certificate.keyPem().toArray(), secret(first.getResources(0)).getTlsCertificate().getPrivateKey().getInlineBytes().toByteArray());
        requests.onNext(DiscoveryRequest.newBuilder().addResourceNames("default").setResponseNonce(first.getNonce()).setVersionInfo(first.getVersionInfo()).build());
        Secret.Certificate next = authority.leaf("spiffe://cluster.local/ns/vm/sa/vmapp");
        source.put("default", next);
        DiscoveryResponse second = answers.next();
        assertArrayEquals(next.chainPem().toArray(), secret(second.getResources(0)).getTlsCertificate().getCertificateChain().getInlineBytes().toByteArray());
        assertTrue(answers.all.isEmpty(), "an acknowledgement is no question");
        requests.onNext(DiscoveryRequest.newBuilder().addResourceNames("ROOTCA").setResponseNonce(second.getNonce()).build());
        DiscoveryResponse third = answers.next();
        assertEquals(1, third.getResourcesCount());
        assertEquals(TypeCase.VALIDATION_CONTEXT, secret(third.getResources(0)).getTypeCase());
        requests.onCompleted();
    }

    @Test
    void deltaStreamsGetTheSame() throws Exception {
        Answers<DeltaDiscoveryResponse> answers = new Answers<>();
        var requests = SecretDiscoveryServiceGrpc.newStub(channel).deltaSecrets(answers);
        requests.onNext(DeltaDiscoveryRequest.newBuilder().addResourceNamesSubscribe("ROOTCA").build());
        DeltaDiscoveryResponse first = answers.next();
        assertEquals("ROOTCA", first.getResources(0).getName());
        assertEquals(authority.rootPem(), secret(first.getResources(0).getResource()).getValidationContext().getTrustedCa().getInlineBytes().toStringUtf8());
        requests.onNext(DeltaDiscoveryRequest.newBuilder().addResourceNamesSubscribe("default").addResourceNamesUnsubscribe("ROOTCA").build());
        assertEquals("default", answers.next().getResources(0).getName());
        source.put("ROOTCA", new TestCertificates().trust());
        source.put("default", authority.leaf("spiffe://x/y"));
        assertEquals("default", answers.next().getResources(0).getName());
        requests.onCompleted();
    }

    @Test
    void fetchingIsAnsweredAtOnceAndUnknownNamesAreRefused() {
        var stub = SecretDiscoveryServiceGrpc.newBlockingStub(channel);
        assertEquals(2, stub.fetchSecrets(DiscoveryRequest.newBuilder().addResourceNames("default").addResourceNames("ROOTCA").build()).getResourcesCount());
        var refusal = assertThrows(StatusRuntimeException.class, () -> stub.fetchSecrets(DiscoveryRequest.newBuilder().addResourceNames("kubernetes://x").build()));
        assertEquals(Status.Code.NOT_FOUND, refusal.getStatus().getCode());
    }

    @Test
    void theSocketIsThisUsersAloneAndNothingElseLiesBesideIt() throws Exception {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        try (var beside = Files.list(folder.resolve("uds"))) {
            assertEquals(List.of(socket), beside.toList());
        }
    }

    @Test
    void aSuccessorTakesThePlaceAndKeepsItWhenItsPredecessorEnds() throws Exception {
        SecretServer before = server;
        server = SecretServer.start(socket, "", true, source, loops);
        before.close();
        assertEquals(1, SecretDiscoveryServiceGrpc.newBlockingStub(channel)
                .fetchSecrets(DiscoveryRequest.newBuilder().addResourceNames("default").build()).getResourcesCount());
    }

    @Test
    void aLiveSocketOfAnotherProgramIsLeftAloneAndADeadOneReplaced() throws Exception {
        IOException refusal = assertThrows(IOException.class, () -> SecretServer.start(socket, "", false, source, loops));
        assertTrue(String.valueOf(refusal.getMessage()).contains("is served by another program"), refusal.getMessage());
        Path dead = folder.resolve("dead");
        try (var abandoned = ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            abandoned.bind(java.net.UnixDomainSocketAddress.of(dead));
        }
        SecretServer.start(dead, "", false, source, loops).close();
        assertFalse(Files.exists(dead));
    }
}
