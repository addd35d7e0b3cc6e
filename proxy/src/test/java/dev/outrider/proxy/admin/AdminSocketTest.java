package dev.outrider.proxy.admin;

import dev.outrider.proxy.datapath.upstream.Transport;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The pages at a Unix socket. */
class AdminSocketTest {

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, Transport.ioHandlers());
    private final StubState state = new StubState();

    @TempDir
    private Path directory;

    @AfterEach
    void end() throws InterruptedException {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
    }

    @Test
    void isForTheGroupAlone() throws Exception {
        Path socket = directory.resolve("admin.sock");
        try (AdminServer server = AdminServer.start(loop, socket, state, state)) {
            assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            assertTrue(ask(socket, "GET", "/ready", "localhost").startsWith("HTTP/1.1 200 "));
            assertTrue(ask(socket, "GET", "/healthcheck/fail", "localhost").startsWith("HTTP/1.1 405 "), "what changes something needs POST here too");
            assertTrue(ask(socket, "GET", "/config_dump", "evil.example").startsWith("HTTP/1.1 403 "), "the Host header is checked here too");
        }
        assertFalse(Files.exists(socket));
    }

    @Test
    void aSuccessorTakesThePlaceAndKeepsIt() throws Exception {
        Path socket = directory.resolve("admin.sock");
        AdminServer before = AdminServer.start(loop, socket, state, state);
        try (AdminServer after = AdminServer.start(loop, socket, state, state)) {
            before.close();
            assertTrue(ask(socket, "GET", "/ready", "localhost").startsWith("HTTP/1.1 200 "));
        }
        assertFalse(Files.exists(socket));
    }

    private static String ask(Path socket, String method, String path, String host) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            String request = method + " " + path + " HTTP/1.1\r\nhost: " + host + "\r\nconnection: close\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
