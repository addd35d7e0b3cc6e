package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.connection.InheritedSockets;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** A listener at all addresses of both families, as a dual-stack control plane makes them, on sockets of its own and on one that systemd made. */
class BothFamiliesTest {

    private static final String BOOTSTRAP = """
            node: {id: vm, cluster: vm}
            admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
            static_resources:
              listeners:
              - name: all
                address: {socket_address: {address: "FIRST", port_value: PORT}}
                additional_addresses: [{address: {socket_address: {address: "SECOND", port_value: PORT}}}]
                filter_chains:
                - filters:
                  - name: http
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                      stat_prefix: all
                      route_config:
                        virtual_hosts: [{name: all, domains: ["*"], routes: [{match: {prefix: /}, direct_response: {status: 200, body: {inline_string: here}}}]}]
                      http_filters:
                      - name: router
                        typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
            """;

    @ParameterizedTest
    @CsvSource({"0.0.0.0, ::, false", "::, 0.0.0.0, false", "0.0.0.0, ::, true", "::, 0.0.0.0, true"})
    void answersByBoth(String first, String second, boolean inherited) throws Exception {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        EpollServerSocketChannel systemd = new EpollServerSocketChannel();
        try {
            var sockets = new InheritedSockets();
            int port;
            if (inherited) {
                systemd.config().setAutoRead(false);
                loop.register(systemd).syncUninterruptibly();
                systemd.bind(new InetSocketAddress(InetAddress.ofLiteral("::"), 0)).syncUninterruptibly();
                port = systemd.localAddress().getPort();
                sockets.add(systemd.fd().intValue());
            } else {
                try (ServerSocket free = new ServerSocket(0)) {
                    port = free.getLocalPort();
                }
            }
            String bootstrap = BOOTSTRAP.replace("FIRST", first).replace("SECOND", second).replace("PORT", "" + port);
            try (Sidecar sidecar = Sidecar.start(SidecarConfig.of(bootstrap), sockets)) {
                assertEquals("HTTP/1.1 200 OK", status("127.0.0.1", port));
                assertEquals("HTTP/1.1 200 OK", status("::1", port));
            }
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private static String status(String address, int port) throws Exception {
        try (Socket socket = new Socket(InetAddress.ofLiteral(address), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).lines().findFirst().orElse("");
        }
    }
}
