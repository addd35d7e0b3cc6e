package dev.outrider.proxy.identity.spiffe;

import dev.outrider.proxy.identity.Pem;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.proto.spiffe.X509SVID;
import dev.outrider.xds.proto.spiffe.X509SVIDRequest;
import dev.outrider.xds.proto.spiffe.X509SVIDResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.netty.channel.Channel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The stream FetchX509SVID, opened again whenever it ends. Everything on the identity thread. */
public final class WorkloadApi implements AutoCloseable {

    static final MethodDescriptor<X509SVIDRequest, X509SVIDResponse> METHOD = MethodDescriptor.<X509SVIDRequest, X509SVIDResponse>newBuilder()
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName("SpiffeWorkloadAPI/FetchX509SVID")
            .setRequestMarshaller(ProtoLiteUtils.marshaller(X509SVIDRequest.getDefaultInstance()))
            .setResponseMarshaller(ProtoLiteUtils.marshaller(X509SVIDResponse.getDefaultInstance()))
            .build();

    /** Keeps web pages from speaking to the socket, says the specification. */
    static final Metadata.Key<String> HEADER = Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    private static final int MAX_ANSWER_BYTES = 4 << 20;
    private static final long FIRST_RETRY_MILLIS = 500;
    private static final long LAST_RETRY_MILLIS = 30_000;

    /** What comes, and what keeps it from coming. */
    public interface Receiver {

        void received(Secret.Certificate certificate, List<X509Certificate> roots);

        /** A line for the operator. */
        void failed(String line);
    }

    private final Path socket;
    private final GrpcTransport transport;
    private final ScheduledExecutorService identityThread;
    private final Receiver receiver;
    private @Nullable ManagedChannel channel;
    private int failures;
    private volatile boolean closed;

    public WorkloadApi(Path socket, GrpcTransport transport, ScheduledExecutorService identityThread, Receiver receiver) {
        this.socket = socket;
        this.transport = transport;
        this.identityThread = identityThread;
        this.receiver = receiver;
    }

    /** On the identity thread. */
    public void open() {
        Class<? extends Channel> unix = transport.unix();
        if (unix == null) {
            receiver.failed("the SPIFFE Workload API at " + socket + " needs Unix sockets, which this JVM's transport does not have (no epoll)");
            return;
        }
        ManagedChannel made = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString()))
                .channelType(unix).eventLoopGroup(transport.loops()).executor(identityThread).overrideAuthority("localhost")
                .usePlaintext().disableRetry().disableServiceConfigLookUp().maxInboundMessageSize(MAX_ANSWER_BYTES).userAgent("outrider").build();
        channel = made;
        Metadata headers = new Metadata();
        headers.put(HEADER, "true");
        ClientCall<X509SVIDRequest, X509SVIDResponse> call = made.newCall(METHOD, CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {
            @Override
            public void onMessage(X509SVIDResponse message) {
                failures = 0;
                take(message);
                call.request(1);
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                ended(status);
            }
        }, headers);
        call.sendMessage(X509SVIDRequest.getDefaultInstance());
        call.halfClose();
        call.request(1);
    }

    /** The first identity is the default one, says the specification. */
    private void take(X509SVIDResponse message) {
        if (message.getSvidsCount() == 0) {
            receiver.failed("the SPIFFE Workload API at " + socket + " knows no identity for this process: register this user's selector (unix:uid) there");
            return;
        }
        X509SVID own = message.getSvids(0);
        try {
            List<X509Certificate> chain = certificates(own.getX509Svid().toByteArray());
            // Federated bundles are left out: in one pool with ours they could vouch for identities of our trust domain.
            List<X509Certificate> roots = certificates(own.getBundle().toByteArray());
            String key = "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(own.getX509SvidKey().toByteArray())
                    + "\n-----END PRIVATE KEY-----\n";
            receiver.received(new Secret.Certificate(Bytes.utf8(Pem.text(chain)), Bytes.utf8(key), null, null), roots);
        } catch (CertificateException e) {
            receiver.failed("the SPIFFE Workload API at " + socket + " sent certificates that cannot be read: " + e.getMessage());
        }
    }

    private static List<X509Certificate> certificates(byte[] der) throws CertificateException {
        List<X509Certificate> all = new ArrayList<>();
        CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(der)).forEach(one -> all.add((X509Certificate) one));
        if (all.isEmpty()) {
            throw new CertificateException("there is none");
        }
        return all;
    }

    private void ended(Status status) {
        shut();
        if (closed) {
            return;
        }
        long delay = Math.min(LAST_RETRY_MILLIS, FIRST_RETRY_MILLIS << Math.min(failures++, 10));
        receiver.failed("the SPIFFE Workload API at " + socket + " " + switch (status.getCode()) {
            case PERMISSION_DENIED -> "knows no identity for this process: register this user's selector (unix:uid) there";
            case UNAVAILABLE -> "does not answer: is its agent running, and may this user open the socket?";
            default -> "ended the stream: " + status.getCode() + " " + status.getDescription();
        });
        try {
            identityThread.schedule(this::open, delay, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            closed = true;
        }
    }

    private void shut() {
        ManagedChannel open = channel;
        channel = null;
        if (open != null) {
            open.shutdownNow();
        }
    }

    @Override
    public void close() {
        closed = true;
        shut();
    }
}
