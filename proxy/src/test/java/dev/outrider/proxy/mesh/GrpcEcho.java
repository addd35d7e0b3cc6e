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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A gRPC service without generated code, as a process of its own: {@code GrpcEcho server PORT}, {@code GrpcEcho client HOST:PORT AUTHORITY},
 * {@code GrpcEcho stream HOST:PORT AUTHORITY}. The client drives unary, bidirectional streaming and an error with trailers, and prints one line
 * for each. The stream is one that lasts, opened anew whenever it is cut, with a unary call beside each of its messages; when its standard input
 * ends it prints how long each stream lived and which calls failed.
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
            ManagedChannel channel = NettyChannelBuilder.forAddress(at[0], Integer.parseInt(at[1])).usePlaintext().overrideAuthority(args[2]).build();
            try {
                if (args[0].equals("client")) {
                    call(channel);
                } else {
                    stream(channel);
                }
            } finally {
                channel.shutdownNow();
            }
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

    private static void call(ManagedChannel channel) throws Exception {
        CallOptions soon = CallOptions.DEFAULT.withDeadlineAfter(10, TimeUnit.SECONDS);
        System.out.println("unary: " + ClientCalls.blockingUnaryCall(channel, UNARY, soon, "hello"));
        Answers answers = new Answers();
        StreamObserver<String> requests = ClientCalls.asyncBidiStreamingCall(channel.newCall(CHAT, soon), answers);
        for (int i = 0; i < 100; i++) {
            requests.onNext("message " + i + "x".repeat(2000));
        }
        requests.onCompleted();
        if (!answers.over.await(15, TimeUnit.SECONDS)) {
            answers.onNext("timed out");
        }
        String last = answers.all.getLast();
        System.out.println("chat: " + answers.all.size() + " answers, last " + last.substring(0, Math.min(13, last.length())));
        try {
            ClientCalls.blockingUnaryCall(channel, UNARY, soon, "fail");
            System.out.println("error: none");
        } catch (StatusRuntimeException e) {
            System.out.println("error: " + e.getStatus().getCode() + " " + e.getStatus().getDescription());
        }
    }

    private static void stream(ManagedChannel channel) throws Exception {
        int calls = 0;
        List<String> failed = new ArrayList<>();
        List<String> lives = new ArrayList<>();
        while (System.in.available() == 0) {
            long opened = System.nanoTime();
            Answers answers = new Answers();
            StreamObserver<String> requests = ClientCalls.asyncBidiStreamingCall(channel.newCall(CHAT, CallOptions.DEFAULT), answers);
            do {
                requests.onNext("message");
                try {
                    calls++;
                    String unused = ClientCalls.blockingUnaryCall(channel, UNARY, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), "hello");
                } catch (StatusRuntimeException e) {
                    failed.add("call " + calls + ": " + e.getStatus());
                }
            } while (!answers.over.await(100, TimeUnit.MILLISECONDS) && System.in.available() == 0);
            if (answers.over.getCount() == 0) {
                lives.add("[%.2f, %.2f]".formatted(opened / 1e9, System.nanoTime() / 1e9));
            }
        }
        System.out.println("{\"calls\": " + calls + ", \"failed\": " + failed.size() + ", \"why\": \"" + String.join("; ", failed).replace('"', '\'')
                + "\", \"cut\": [" + String.join(", ", lives) + "]}");
    }

    /** What came back, until the stream is over. */
    private static final class Answers implements StreamObserver<String> {

        final List<String> all = new CopyOnWriteArrayList<>();
        final CountDownLatch over = new CountDownLatch(1);

        @Override
        public void onNext(String value) {
            all.add(value);
        }

        @Override
        public void onError(Throwable t) {
            all.add("error " + t.getMessage());
            over.countDown();
        }

        @Override
        public void onCompleted() {
            over.countDown();
        }
    }
}
