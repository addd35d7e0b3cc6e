package dev.outrider.proxy.datapath;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A backend on loopback that runs a script per connection, on virtual threads. */
final class TcpServer implements AutoCloseable {

    interface Script {
        void run(Socket socket) throws Exception;
    }

    static final Script ECHO = socket -> socket.getInputStream().transferTo(socket.getOutputStream());

    final AtomicInteger accepted = new AtomicInteger();
    private final ServerSocket server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    TcpServer(Script script) throws IOException {
        server = new ServerSocket(0, 4096, InetAddress.getByName("127.0.0.1"));
        var unused = threads.submit(() -> {
            while (!server.isClosed()) {
                Socket socket = server.accept();
                accepted.incrementAndGet();
                threads.submit(() -> {
                    try (socket) {
                        script.run(socket);
                    }
                    return null;
                });
            }
            return null;
        });
    }

    InetSocketAddress address() {
        return (InetSocketAddress) server.getLocalSocketAddress();
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
        threads.shutdownNow();
    }
}
