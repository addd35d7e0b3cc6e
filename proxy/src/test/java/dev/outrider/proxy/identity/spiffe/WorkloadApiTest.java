package dev.outrider.proxy.identity.spiffe;

import com.google.protobuf.ByteString;
import dev.outrider.proxy.identity.KeyPairFiles;
import dev.outrider.proxy.identity.Pem;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.proto.spiffe.X509SVID;
import dev.outrider.xds.proto.spiffe.X509SVIDRequest;
import dev.outrider.xds.proto.spiffe.X509SVIDResponse;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class WorkloadApiTest {

    private record Received(Secret.Certificate certificate, List<X509Certificate> roots) {}

    private final TestCertificates authority = new TestCertificates();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<StreamObserver<X509SVIDResponse>> streams = new LinkedBlockingQueue<>();

    @TempDir
    private Path folder;
    private Server server;
    private WorkloadApi client;

    private void serve() throws Exception {
        ServerInterceptor header = new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                if (!"true".equals(headers.get(WorkloadApi.HEADER))) {
                    call.close(Status.INVALID_ARGUMENT.withDescription("security header missing from request"), new Metadata());
                    return new ServerCall.Listener<>() {};
                }
                return next.startCall(call, headers);
            }
        };
        server = NettyServerBuilder.forAddress(new DomainSocketAddress(folder.resolve("agent.sock").toString()))
                .channelType(EpollServerDomainSocketChannel.class).bossEventLoopGroup(loops).workerEventLoopGroup(loops)
                .addService(ServerInterceptors.intercept(ServerServiceDefinition.builder("SpiffeWorkloadAPI")
                        .addMethod(WorkloadApi.METHOD, ServerCalls.asyncServerStreamingCall((X509SVIDRequest request, StreamObserver<X509SVIDResponse> out) -> streams.add(out)))
                        .build(), header))
                .build().start();
    }

    private void open() {
        client = new WorkloadApi(folder.resolve("agent.sock"), new GrpcTransport(loops, EpollSocketChannel.class, EpollDomainSocketChannel.class, null), thread,
                new WorkloadApi.Receiver() {
                    @Override
                    public void received(Secret.Certificate certificate, List<X509Certificate> roots) {
                        events.add(new Received(certificate, roots));
                    }

                    @Override
                    public void failed(String line) {
                        events.add(line);
                    }
                });
        thread.execute(client::open);
    }

    @AfterEach
    void close() throws Exception {
        client.close();
        if (server != null) {
            server.shutdownNow().awaitTermination();
        }
        thread.shutdownNow();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    private static <T> T next(BlockingQueue<T> queue) throws InterruptedException {
        T one = queue.poll(20, TimeUnit.SECONDS);
        assertNotNull(one, "nothing came");
        return one;
    }

    private X509SVIDResponse response(Secret.Certificate own) throws Exception {
        KeyPairFiles pair = KeyPairFiles.of(own);
        X509Certificate root = Pem.certificates(authority.rootPem().getBytes(StandardCharsets.US_ASCII)).getFirst();
        return X509SVIDResponse.newBuilder()
                .addSvids(X509SVID.newBuilder().setSpiffeId("spiffe://example.org/vm")
                        .setX509Svid(ByteString.copyFrom(pair.leaf().getEncoded()))
                        .setX509SvidKey(ByteString.copyFrom(pair.key().getEncoded()))
                        .setBundle(ByteString.copyFrom(root.getEncoded())))
                .putFederatedBundles("spiffe://other.org", ByteString.copyFrom(root.getEncoded()))
                .build();
    }

    @Test
    void eachAnswerIsAnIdentityAndAStreamThatEndsIsOpenedAgain() throws Exception {
        serve();
        open();
        var first = next(streams);
        first.onNext(response(authority.leaf("spiffe://example.org/vm")));
        Received received = assertInstanceOf(Received.class, next(events));
        assertEquals("spiffe://example.org/vm", KeyPairFiles.of(received.certificate()).leaf().getSubjectAlternativeNames().iterator().next().get(1));
        assertEquals(1, received.roots().size(), "federated bundles are not in our pool");
        first.onNext(response(authority.leaf("spiffe://example.org/vm")));
        assertInstanceOf(Received.class, next(events));
        first.onError(Status.UNAVAILABLE.asRuntimeException());
        assertTrue(next(events).toString().contains("does not answer"));
        next(streams).onNext(response(authority.leaf("spiffe://example.org/vm")));
        assertInstanceOf(Received.class, next(events));
    }

    @Test
    void refusalsAndAbsenceAreLinesForTheOperator() throws Exception {
        open();
        assertTrue(next(events).toString().contains(folder.resolve("agent.sock") + " does not answer"));
        serve();
        var stream = next(streams);
        events.clear();
        stream.onError(Status.PERMISSION_DENIED.withDescription("no identity issued").asRuntimeException());
        assertTrue(next(events).toString().contains("register this user's selector"));
    }
}
