package dev.outrider.proxy.mesh;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC service without generated code, as a process of its own: {@code GrpcEcho server PORT}, {@code GrpcEcho client HOST:PORT AUTHORITY}.
 * The client drives unary, bidirectional streaming and an error with trailers, and prints one line for each.
 */
public final class GrpcEcho {

    private GrpcEcho() {}

    private static final MethodDescriptor.Marshaller<String> TEXT = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    };

    private static MethodDescriptor<String, String> method(String name, MethodDescriptor.MethodType type) {
        return MethodDescriptor.<String, String>newBuilder(TEXT, TEXT).setType(type).setFullMethodName("test.Echo/" + name).build();
    }

    private static final MethodDescriptor<String, String> UNARY = method("Unary", MethodDescriptor.MethodType.UNARY);
    private static final MethodDescriptor<String, String> CHAT = method("Chat", MethodDescriptor.MethodType.BIDI_STREAMING);

    public static void main(String[] args) throws Exception {
        if (args[0].equals("server")) {
            serve(Integer.parseInt(args[1]));
        } else {
            String[] at = args[1].split(":");
            call(at[0], Integer.parseInt(at[1]), args[2]);
        }
    }

    private static void serve(int port) throws Exception {
        ServerCallHandler<String, String> unary = ServerCalls.asyncUnaryCall((request, out) -> {
            if (request.startsWith("fail")) {
                out.onError(Status.FAILED_PRECONDITION.withDescription("as asked").asRuntimeException());
                return;
            }
            out.onNext("echo " + request);
            out.onCompleted();
        });
        ServerCallHandler<String, String> chat = ServerCalls.asyncBidiStreamingCall(out -> new StreamObserver<>() {
            @Override
            public void onNext(String value) {
                out.onNext("re " + value);
            }

            @Override
            public void onError(Throwable t) {
                System.out.println("stream error " + t);
            }

            @Override
            public void onCompleted() {
                out.onCompleted();
            }
        });
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress("0.0.0.0", port))
                .addService(ServerServiceDefinition.builder("test.Echo").addMethod(UNARY, unary).addMethod(CHAT, chat).build())
                .build()
                .start();
        System.out.println("serving on " + server.getPort());
        server.awaitTermination();
    }

    private static void call(String host, int port, String authority) throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress(host, port).usePlaintext().overrideAuthority(authority).build();
        try {
            CallOptions soon = CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
            System.out.println("unary: " + ClientCalls.blockingUnaryCall(channel, UNARY, soon, "hello"));
            List<String> answers = new ArrayList<>();
            CountDownLatch done = new CountDownLatch(1);
            StreamObserver<String> requests = ClientCalls.asyncBidiStreamingCall(channel.newCall(CHAT, soon), new StreamObserver<>() {
                @Override
                public void onNext(String value) {
                    answers.add(value);
                }

                @Override
                public void onError(Throwable t) {
                    answers.add("error " + t.getMessage());
                    done.countDown();
                }

                @Override
                public void onCompleted() {
                    done.countDown();
                }
            });
            for (int i = 0; i < 100; i++) {
                requests.onNext("message " + i + "x".repeat(2000));
            }
            requests.onCompleted();
            if (!done.await(15, TimeUnit.SECONDS)) {
                answers.add("timed out");
            }
            System.out.println("chat: " + answers.size() + " answers, last " + answers.getLast().substring(0, Math.min(13, answers.getLast().length())));
            try {
                ClientCalls.blockingUnaryCall(channel, UNARY, soon, "fail");
                System.out.println("error: none");
            } catch (StatusRuntimeException e) {
                System.out.println("error: " + e.getStatus().getCode() + " " + e.getStatus().getDescription());
            }
        } finally {
            channel.shutdownNow();
        }
    }
}
