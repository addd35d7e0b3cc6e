package dev.outrider.proxy.probe;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.outrider.xds.ads.GrpcTransport;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Healthy when {@code grpc.health.v1.Health/Check} answers SERVING, in plaintext. The connection lives on the transport's loops. */
record GrpcCheck(String service, ProbeTarget target, Duration timeout, GrpcTransport transport) implements Check {

    private static final int MOST_ANSWER_BYTES = 4096;
    private static final int SERVICE_FIELD = 1;
    private static final int STATUS_FIELD = 1;
    private static final String[] STATES = {"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
    private static final int SERVING = 1;

    /** Two fields do not need generated classes. */
    private static final MethodDescriptor<String, Integer> METHOD = MethodDescriptor.<String, Integer>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("grpc.health.v1.Health/Check")
            .setRequestMarshaller(new Request())
            .setResponseMarshaller(new State())
            .build();

    @Override
    public void run() throws IOException {
        InetSocketAddress to = target.address();
        InetSocketAddress source = ProbeTarget.boundSource(to.getAddress());
        NettyChannelBuilder builder = NettyChannelBuilder.forAddress(to).usePlaintext()
                .channelType(transport.tcp()).eventLoopGroup(transport.loops()).directExecutor()
                .maxInboundMessageSize(MOST_ANSWER_BYTES).disableRetry().disableServiceConfigLookUp().userAgent("istio-probe/1.0");
        if (source != null) {
            builder.localSocketPicker(new NettyChannelBuilder.LocalSocketPicker() {
                @Override
                public SocketAddress createSocketAddress(SocketAddress remote, Attributes attributes) {
                    return source;
                }
            });
        }
        ManagedChannel channel = builder.build();
        try {
            int state = ask(channel).get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            if (state != SERVING) {
                throw new IOException("gRPC health of " + ProbeTarget.text(to) + " is "
                        + (state >= 0 && state < STATES.length ? STATES[state] : Integer.toString(state)));
            }
        } catch (ExecutionException e) {
            throw new IOException("gRPC health of " + ProbeTarget.text(to) + ": " + (e.getCause() instanceof IOException known ? known.getMessage() : e.getMessage()), e);
        } catch (TimeoutException e) {
            throw new IOException("gRPC health of " + ProbeTarget.text(to) + ": no answer within " + timeout.toSeconds() + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            channel.shutdownNow();
        }
    }

    private CompletableFuture<Integer> ask(ManagedChannel channel) {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        ClientCall<String, Integer> call = channel.newCall(METHOD, CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {
            private @Nullable Integer state;

            @Override
            public void onMessage(Integer message) {
                state = message;
            }

            @Override
            public void onClose(Status status, Metadata trailers) {
                Integer received = state;
                if (status.isOk() && received != null) {
                    answer.complete(received);
                } else {
                    answer.completeExceptionally(new IOException(status.getCode() + (status.getDescription() == null ? "" : " " + status.getDescription())));
                }
            }
        }, new Metadata());
        call.request(1);
        call.sendMessage(service);
        call.halfClose();
        return answer;
    }

    private static final class Request implements MethodDescriptor.Marshaller<String> {

        @Override
        public InputStream stream(String service) {
            try {
                ByteArrayOutputStream out = new ByteArrayOutputStream();
                CodedOutputStream coded = CodedOutputStream.newInstance(out);
                if (!service.isEmpty()) {
                    coded.writeString(SERVICE_FIELD, service);
                }
                coded.flush();
                return new ByteArrayInputStream(out.toByteArray());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String parse(InputStream stream) {
            throw new UnsupportedOperationException("this is a client");
        }
    }

    private static final class State implements MethodDescriptor.Marshaller<Integer> {

        @Override
        public InputStream stream(Integer state) {
            throw new UnsupportedOperationException("this is a client");
        }

        @Override
        public Integer parse(InputStream stream) {
            try {
                CodedInputStream in = CodedInputStream.newInstance(stream);
                int state = 0;
                for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                    if (tag == (STATUS_FIELD << 3 | WireFormat.WIRETYPE_VARINT)) {
                        state = in.readEnum();
                    } else {
                        in.skipField(tag);
                    }
                }
                return state;
            } catch (IOException e) {
                throw Status.INTERNAL.withDescription("the answer is no HealthCheckResponse").withCause(e).asRuntimeException();
            }
        }
    }
}
