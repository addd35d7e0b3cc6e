package dev.outrider.proxy.app.sidecar;

import io.netty.util.concurrent.AbstractScheduledEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A thousand connections of every kind and end, then the configuration is taken away: no connection, timer, file descriptor or gauge may be
 * left. Buffers are the leak detector's, which is paranoid in tests and breaks the build.
 */
@Timeout(120)
final class NothingLeftTest {

    private static final int ROUNDS = 100;
    private static final byte[] HALF_A_HELLO = {0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, (byte) 0xfc};

    /** One connection, opened and ended. */
    private interface Visit {
        void run() throws Exception;
    }

    @Test
    void aThousandConnections() throws Exception {
        try (var mesh = new TestMesh()) {
            List<Visit> kinds = kinds(mesh);
            assertTrue(kinds.size() * ROUNDS >= 1000);
            for (Visit kind : kinds) {
                kind.run();
            }
            clear(mesh);
            long files = openFiles();
            mesh.publish(2);
            await(mesh, mesh::bound);
            mesh.publish(3);
            await(mesh, mesh::bound);
            mesh.awaitServing();

            visitAll(kinds);

            clear(mesh);
            // The application behind the sidecar notices later that it was left.
            await(mesh, () -> openFiles() == files);
            assertEquals(files, openFiles(), "open file descriptors");
            assertEquals(List.of(), timers(mesh), "timers on the data loops");
        }
    }

    private static void visitAll(List<Visit> kinds) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
            List<Future<Void>> visits = new ArrayList<>();
            for (int i = 0; i < ROUNDS; i++) {
                for (Visit kind : kinds) {
                    visits.add(threads.submit(() -> {
                        kind.run();
                        return null;
                    }));
                }
            }
            for (Future<Void> visit : visits) {
                visit.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static List<Visit> kinds(TestMesh mesh) {
        SSLContext tls = mesh.clientTls();
        return List.of(
                () -> answered(mesh.address("out")),
                () -> answered(open(tls, mesh.address("in"))),
                () -> http2(mesh.address("out")),
                () -> http2Aborted(mesh.address("out")),
                () -> echoed(mesh.address("tcp-out"), false),
                () -> echoed(mesh.address("tcp-out"), true),
                () -> cut(mesh.address("out"), "GET /half HTTP/1.1\r\nho".getBytes(StandardCharsets.US_ASCII)),
                () -> cut(mesh.address("out"), "GET /silent HTTP/1.1\r\nhost: app\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
                () -> cut(mesh.address("in"), HALF_A_HELLO),
                () -> cut(mesh.address("tcp-out"), new byte[100_000]),
                () -> new Socket(mesh.address("in").getAddress(), mesh.address("in").getPort()).close());
    }

    private static Socket open(InetSocketAddress to) throws IOException {
        Socket socket = new Socket(to.getAddress(), to.getPort());
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static Socket open(SSLContext tls, InetSocketAddress to) throws IOException {
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket(to.getAddress(), to.getPort());
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    private static void answered(InetSocketAddress to) throws IOException {
        answered(open(to));
    }

    private static void answered(Socket socket) throws IOException {
        try (socket) {
            socket.getOutputStream().write("GET /visit HTTP/1.1\r\nhost: app\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertEquals("/visit", RawHttp.read(new BufferedInputStream(socket.getInputStream())).body());
        }
    }

    private static void echoed(InetSocketAddress to, boolean halfClosed) throws IOException {
        try (Socket socket = open(to)) {
            socket.getOutputStream().write("hello".getBytes(StandardCharsets.US_ASCII));
            if (halfClosed) {
                socket.shutdownOutput();
                assertEquals("hello", new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            } else {
                assertEquals("hello", new String(socket.getInputStream().readNBytes(5), StandardCharsets.US_ASCII));
            }
        }
    }

    /** Says something and ends with a reset. */
    private static void cut(InetSocketAddress to, byte[] said) throws IOException {
        try (Socket socket = open(to)) {
            socket.getOutputStream().write(said);
            socket.setSoLinger(true, 0);
        }
    }

    private static void http2(InetSocketAddress to) throws IOException {
        try (Socket socket = open(to)) {
            ask2(socket.getOutputStream(), "/visit");
            var in = new DataInputStream(socket.getInputStream());
            byte[] body = {};
            boolean end = false;
            while (!end) {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                byte[] payload = in.readNBytes(length);
                if (stream == 1 && type == 0) {
                    body = payload;
                }
                end = stream == 1 && (type == 0 || type == 1) && (flags & 1) != 0;
            }
            assertEquals("/visit", new String(body, StandardCharsets.US_ASCII));
        }
    }

    private static void http2Aborted(InetSocketAddress to) throws IOException {
        try (Socket socket = open(to)) {
            ask2(socket.getOutputStream(), "/silent");
            socket.setSoLinger(true, 0);
        }
    }

    /** Preface, empty SETTINGS, and a GET on stream 1 with HPACK literals that touch no table (RFC 7541 §6.2.2). */
    private static void ask2(OutputStream out, String path) throws IOException {
        out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
        byte[] block = ("\u0082\u0086\u0001\u0003app\u0004" + (char) path.length() + path).getBytes(StandardCharsets.ISO_8859_1);
        out.write(new byte[] {0, 0, (byte) block.length, 1, 5, 0, 0, 0, 1});
        out.write(block);
    }

    /** Takes listeners and clusters away, and waits until nothing is under way. */
    private static void clear(TestMesh mesh) throws Exception {
        mesh.publishNothing();
        await(mesh, () -> mesh.sidecar.listenerAddresses().isEmpty() && active(mesh).isEmpty() && timers(mesh).isEmpty());
        assertEquals(Map.of(), active(mesh), "gauges");
        assertEquals(List.of(), timers(mesh), "timers");
    }

    /** Lets the data loops turn until it is so; what is not so after the limit, the assertions that follow name. */
    private static void await(TestMesh mesh, BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + TestMesh.LIMIT.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() - deadline < 0) {
            for (EventExecutor loop : mesh.sidecar.dataLoops()) {
                loop.submit(() -> {}).get();
            }
        }
    }

    private static Map<String, Long> active(TestMesh mesh) {
        Map<String, Long> all = new TreeMap<>();
        mesh.sidecar.stats().gauges().forEach((name, gauge) -> {
            if ((name.endsWith("_active") && !name.startsWith("listener_manager") || name.endsWith("_pending") || name.endsWith("_open"))
                    && gauge.value() != 0) {
                all.put(name, gauge.value());
            }
        });
        if (mesh.sidecar.openConnections() != 0) {
            all.put("open connections", (long) mesh.sidecar.openConnections());
        }
        return all;
    }

    /** What is scheduled on the data loops, which Netty does not tell anybody. */
    private static List<String> timers(TestMesh mesh) {
        try {
            Method queue = AbstractScheduledEventExecutor.class.getDeclaredMethod("scheduledTaskQueue");
            queue.setAccessible(true);
            List<String> all = new ArrayList<>();
            for (EventExecutor loop : mesh.sidecar.dataLoops()) {
                loop.submit(() -> {
                    Collection<?> tasks = (Collection<?>) queue.invoke(loop);
                    all.addAll(tasks.stream().map(String::valueOf).collect(Collectors.toList()));
                    return null;
                }).get();
            }
            return all;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static long openFiles() {
        String[] all = new File("/proc/self/fd").list();
        return all == null ? 0 : all.length;
    }
}
