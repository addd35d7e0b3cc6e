package dev.outrider.proxy.service;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Both sides of a hand-over in one process: what one has bound, the other has, and callers notice nothing. */
class HandOverTest {

    private static final long PATIENCE_MICROS = 20_000_000;

    @TempDir
    private Path directory;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory());
    private final List<Channel> bound = new ArrayList<>();
    private final CompletableFuture<Void> handedOver = new CompletableFuture<>();
    private Path path;

    @BeforeEach
    void serve() throws IOException {
        path = directory.resolve("hand-over.sock");
        HandOverServer.start(loop, path, new HandOverServer.Terms(() -> List.copyOf(bound), PATIENCE_MICROS, () -> handedOver.complete(null)));
    }

    @AfterEach
    void stop() {
        loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
    }

    private InetSocketAddress stream() {
        Channel channel = new ServerBootstrap().group(loop).channel(EpollServerSocketChannel.class).childHandler(new ChannelInboundHandlerAdapter())
                .bind(anyPort()).syncUninterruptibly().channel();
        bound.add(channel);
        return (InetSocketAddress) channel.localAddress();
    }

    private InetSocketAddress datagram() {
        Channel channel = new Bootstrap().group(loop).channel(EpollDatagramChannel.class).handler(new ChannelInboundHandlerAdapter())
                .bind(anyPort()).syncUninterruptibly().channel();
        bound.add(channel);
        return (InetSocketAddress) channel.localAddress();
    }

    @Test
    void streamsAndDatagramsAreTakenWithThePatienceOfTheSupervisor() throws IOException {
        InetSocketAddress tcp = stream();
        InetSocketAddress udp = datagram();
        try (HandOverClient client = HandOverClient.take(loop, path)) {
            assertEquals(PATIENCE_MICROS, client.patienceMicros());
            Integer taken = client.sockets().stream(tcp);
            assertNotNull(taken);
            assertNotEquals(((UnixChannel) bound.getFirst()).fd().intValue(), taken, "a descriptor of its own for the same socket");
            assertNotNull(client.sockets().datagram(udp));
            assertTrue(client.sockets().isEmpty());
        }
    }

    @Test
    void aCallerThatConnectsBetweenTheTwoProcessesIsServed() throws Exception {
        InetSocketAddress tcp = stream();
        try (HandOverClient client = HandOverClient.take(loop, path)) {
            Integer taken = client.sockets().stream(tcp);
            assertNotNull(taken);
            bound.getFirst().close().syncUninterruptibly();
            try (var caller = new Socket(tcp.getAddress(), tcp.getPort())) {
                var accepted = new CompletableFuture<Void>();
                var mine = new EpollServerSocketChannel(taken);
                mine.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object connection) {
                        ((Channel) connection).unsafe().closeForcibly();
                        accepted.complete(null);
                    }
                });
                loop.register(mine).syncUninterruptibly();
                accepted.get(10, TimeUnit.SECONDS);
                assertEquals(-1, caller.getInputStream().read());
            }
        }
    }

    @Test
    void theOldProcessDrainsOnlyOnceTheNewOneServes() throws Exception {
        stream();
        try (HandOverClient client = HandOverClient.take(loop, path)) {
            assertFalse(handedOver.isDone());
            assertTrue(Files.exists(path));
            client.serving();
            handedOver.get(10, TimeUnit.SECONDS);
            assertFalse(Files.exists(path), "its place is free for the new process");
        }
    }

    @Test
    void whoeverWatchesIsToldThatATakerDied() throws Exception {
        stream();
        try (SocketChannel watcher = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            watcher.connect(UnixDomainSocketAddress.of(path));
            watcher.write(ByteBuffer.wrap("watch\n".getBytes(StandardCharsets.UTF_8)));
            HandOverClient.take(loop, path).close();
            assertEquals("failed\n", line(watcher));
            assertFalse(handedOver.isDone());
        }
        try (HandOverClient second = HandOverClient.take(loop, path)) {
            second.serving();
            handedOver.get(10, TimeUnit.SECONDS);
        }
    }

    private static String line(SocketChannel from) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(64);
        while (bytes.position() == 0 || bytes.get(bytes.position() - 1) != '\n') {
            assertTrue(from.read(bytes) > 0, "closed before a line came");
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    @Test
    void whatNoListenerOfTheNewProcessWantsIsClosedRatherThanLeftToQueue() throws IOException {
        InetSocketAddress tcp = stream();
        try (HandOverClient client = HandOverClient.take(loop, path)) {
            bound.getFirst().close().syncUninterruptibly();
            new Socket(tcp.getAddress(), tcp.getPort()).close();
            client.sockets().closeUnclaimed();
            assertTrue(client.sockets().isEmpty());
            assertThrows(ConnectException.class, () -> new Socket(tcp.getAddress(), tcp.getPort()).close());
        }
    }

    @Test
    void onlyItsUserMayAsk() throws IOException {
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }

    @Test
    void anotherProtocolIsAClearError() {
        Path other = directory.resolve("other.sock");
        new ServerBootstrap().group(loop).channel(EpollServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline().addLast(new SimpleChannelInboundHandler<ByteBuf>() {
                            @Override
                            protected void channelRead0(ChannelHandlerContext ctx, ByteBuf asked) {
                                ctx.writeAndFlush(ctx.alloc().buffer().writeBytes("500 command unrecognized\n".getBytes(StandardCharsets.UTF_8)));
                            }
                        });
                    }
                })
                .bind(new DomainSocketAddress(other.toString())).syncUninterruptibly();
        var failure = assertThrows(IOException.class, () -> HandOverClient.take(loop, other));
        assertTrue(failure.getMessage().contains("'500 command unrecognized'"), failure.getMessage());
    }

    @Test
    void nobodyThereSaysSo() {
        var failure = assertThrows(IOException.class, () -> HandOverClient.take(loop, directory.resolve("none.sock")));
        assertTrue(failure.getMessage().contains("no running sidecar"), failure.getMessage());
    }
}
