package dev.outrider.proxy.app.sidecar;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The applications behind the mesh, on virtual threads: HTTP answers with the request's path as body, except {@code /silent}, which is never answered;
 * TCP echoes.
 */
final class Backend implements AutoCloseable {

    private interface Script {
        void run(Socket socket) throws IOException;
    }

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ServerSocket http;
    private final ServerSocket tcp;

    Backend() throws IOException {
        http = serve(Backend::answer);
        tcp = serve(socket -> socket.getInputStream().transferTo(socket.getOutputStream()));
    }

    private ServerSocket serve(Script script) throws IOException {
        ServerSocket server = new ServerSocket(0, 1024, InetAddress.getByName("127.0.0.1"));
        threads.submit(() -> {
            while (true) {
                Socket socket = server.accept();
                threads.submit(() -> {
                    try (socket) {
                        socket.setTcpNoDelay(true);
                        script.run(socket);
                    }
                    return null;
                });
            }
        });
        return server;
    }

    private static void answer(Socket socket) throws IOException {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        for (String line = RawHttp.line(in); line != null; line = RawHttp.line(in)) {
            String path = line.split(" ")[1];
            while (!line.isEmpty()) {
                line = RawHttp.line(in);
            }
            if (!path.equals("/silent")) {
                socket.getOutputStream().write(("HTTP/1.1 200 OK\r\ncontent-length: " + path.length() + "\r\n\r\n" + path).getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    int httpPort() {
        return http.getLocalPort();
    }

    int tcpPort() {
        return tcp.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        http.close();
        tcp.close();
        threads.shutdownNow();
    }
}
