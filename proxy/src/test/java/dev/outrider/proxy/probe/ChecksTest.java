package dev.outrider.proxy.probe;

import com.sun.net.httpserver.HttpServer;
import dev.outrider.xds.ads.GrpcTransport;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Each kind of look at real servers on loopback. */
class ChecksTest {

    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");
    private static final Duration LONG = Duration.ofSeconds(30);

    private static ProbeTarget at(int port) {
        return new ProbeTarget("", port, HERE);
    }

    private static String wrong(Check check) {
        return assertThrows(IOException.class, check::run).getMessage();
    }

    private static HttpCheck get(int port, String path, List<Map.Entry<String, String>> headers) {
        return new HttpCheck(new ReadinessProbe.Http("", port, path, false, headers), at(port), LONG);
    }

    @ParameterizedTest
    @CsvSource({
        "/ok, 200, , true",
        "/no-content, 204, , true",
        "/down, 503, , false",
        "/missing, 404, , false",
        "/to-down, 302, /down, false",
        "/to-ok, 307, /ok, true",
        "/elsewhere, 302, http://elsewhere.example/down, true",
        "/nowhere, 304, , true",
        "/circle, 302, /circle, false",
    })
    void anAnswerFrom200To399IsHealthyAndRedirectsWithinTheServiceAreFollowed(String path, int status, String location, boolean healthy) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(HERE, 0), 0);
        server.createContext("/", exchange -> {
            exchange.sendResponseHeaders(exchange.getRequestURI().getPath().equals("/down") ? 503 : 200, -1);
            exchange.close();
        });
        if (!path.equals("/down")) {
            server.createContext(path, exchange -> {
                if (location != null) {
                    exchange.getResponseHeaders().set("Location", location);
                }
                exchange.sendResponseHeaders(status, -1);
                exchange.close();
            });
        }
        server.start();
        try {
            HttpCheck check = get(server.getAddress().getPort(), path, List.of());
            if (healthy) {
                assertDoesNotThrow(check::run);
            } else {
                assertThrows(IOException.class, check::run);
            }
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aRequestComesFromTheAddressThatTheRulesLetPassAndHasTheHeadersThatWereAskedFor() throws Exception {
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        try (ServerSocket server = new ServerSocket(0, 5, HERE)) {
            var answered = CompletableFuture.runAsync(() -> answerOnce(server, seen, "HTTP/1.1 200 OK\r\n\r\n"));
            get(server.getLocalPort(), "/h?x=1", List.of(Map.entry("Host", "app.example"), Map.entry("X-Probe", "yes"))).run();
            answered.get(30, TimeUnit.SECONDS);
        }
        assertEquals("/127.0.0.6", seen.take());
        assertEquals("GET /h?x=1 HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\nX-Probe: yes\r\nUser-Agent: istio-probe/1.0\r\n\r\n", seen.take());
    }

    private static void answerOnce(ServerSocket server, BlockingQueue<String> seen, String answer) {
        try (Socket client = server.accept()) {
            seen.add(client.getInetAddress().toString());
            byte[] request = new byte[1024];
            seen.add(new String(request, 0, client.getInputStream().read(request), StandardCharsets.ISO_8859_1));
            client.getOutputStream().write(answer.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            SSH-2.0-OpenSSH\\r\\n\\r\\n    | does not speak HTTP/1
            HTTP/1.1 200                   | ended before an answer
            HTTP/1.1 99999 OK\\r\\n\\r\\n  | does not speak HTTP/1
            """)
    void whatIsNoAnswerIsUnhealthy(String answer, String message) throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, HERE)) {
            var answered = CompletableFuture.runAsync(() ->
                    answerOnce(server, new LinkedBlockingQueue<>(), answer.translateEscapes()));
            String said = wrong(get(server.getLocalPort(), "/", List.of()));
            assertTrue(said.contains(message), said);
            answered.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void oneThatAcceptsAndIsSilentIsUnhealthyInTime() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, HERE)) {
            var check = new HttpCheck(new ReadinessProbe.Http("", server.getLocalPort(), "/", false, List.of()), at(server.getLocalPort()), Duration.ofMillis(50));
            wrong(check);
            assertDoesNotThrow(new TcpCheck(at(server.getLocalPort()), LONG)::run);
        }
    }

    @Test
    void aClosedPortIsNamed() throws Exception {
        int port;
        try (ServerSocket server = new ServerSocket(0, 5, HERE)) {
            port = server.getLocalPort();
        }
        String said = wrong(new TcpCheck(at(port), LONG));
        assertTrue(said.startsWith("connect to 127.0.0.1:" + port + ": "), said);
    }

    @Test
    void anotherMachineIsReachedFromOurOwnAddress() throws Exception {
        assertEquals(InetAddress.ofLiteral("127.0.0.6"), ProbeTarget.source(InetAddress.ofLiteral("127.0.0.2")));
        assertEquals(InetAddress.ofLiteral("::6"), ProbeTarget.source(InetAddress.ofLiteral("::1")));
        assertNull(ProbeTarget.source(InetAddress.ofLiteral("192.0.2.1")));
    }

    @ParameterizedTest
    @CsvSource({"0, ''", "7, ended with 7"})
    void aProgramsExitDecides(int code, String message) throws Exception {
        var check = new ExecCheck(List.of("/bin/sh", "-c", "exit " + code), LONG);
        if (code == 0) {
            check.run();
        } else {
            assertTrue(wrong(check).endsWith(message));
        }
    }

    @Test
    void aProgramThatHangsIsKilledWithWhatItStarted() {
        assertTrue(wrong(new ExecCheck(List.of("/bin/sh", "-c", "/bin/sleep 600 & wait"), Duration.ofMillis(200))).contains("did not end within"));
    }

    @Test
    void aMissingProgramIsNamed() {
        assertTrue(wrong(new ExecCheck(List.of("/nonexistent/check"), LONG)).contains("/nonexistent/check"));
    }

    @ParameterizedTest
    @CsvSource({"'', 1, ''", "shop.Cart, 1, ''", "'', 2, is NOT_SERVING", "'', 0, is UNKNOWN", "'', 9, is 9", "gone, 1, NOT_FOUND"})
    void aGrpcServersOwnWordDecides(String service, int status, String message) throws Exception {
        BlockingQueue<String> asked = new LinkedBlockingQueue<>();
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(HERE, 0)).addService(health(status, asked)).build().start();
        var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            var check = new GrpcCheck(service, at(server.getPort()), LONG, new GrpcTransport(loops, NioSocketChannel.class, null, null));
            if (message.isEmpty()) {
                check.run();
            } else {
                String said = wrong(check);
                assertTrue(said.contains(message), said);
            }
            assertEquals(service, asked.take());
        } finally {
            server.shutdownNow().awaitTermination();
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    private static ServerServiceDefinition health(int status, BlockingQueue<String> asked) {
        MethodDescriptor<byte[], byte[]> method = MethodDescriptor.<byte[], byte[]>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY).setFullMethodName("grpc.health.v1.Health/Check")
                .setRequestMarshaller(new Raw()).setResponseMarshaller(new Raw()).build();
        return ServerServiceDefinition.builder("grpc.health.v1.Health").addMethod(method, ServerCalls.asyncUnaryCall((request, answer) -> {
            String service = request.length == 0 ? "" : new String(request, 2, request.length - 2, StandardCharsets.UTF_8);
            asked.add(service);
            if (service.equals("gone")) {
                answer.onError(io.grpc.Status.NOT_FOUND.asRuntimeException());
                return;
            }
            answer.onNext(status == 0 ? new byte[0] : new byte[] {8, (byte) status});
            answer.onCompleted();
        })).build();
    }

    private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {

        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try (stream) {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
