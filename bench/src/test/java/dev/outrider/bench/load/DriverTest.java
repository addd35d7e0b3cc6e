package dev.outrider.bench.load;

import dev.outrider.bench.load.LoadSpec.Kind;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class DriverTest {

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Answers each read; the first of all only after a pause. */
    @Sharable
    private static final class Stalling extends ChannelInboundHandlerAdapter {

        private final String answer;
        private final long pauseMillis;
        private boolean paused;

        private Stalling(String answer, long pauseMillis) {
            this.answer = answer;
            this.pauseMillis = pauseMillis;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ((ByteBuf) message).release();
            Runnable reply = () -> context.writeAndFlush(Unpooled.copiedBuffer(answer, StandardCharsets.US_ASCII));
            if (paused) {
                reply.run();
            } else {
                paused = true;
                context.executor().schedule(reply, pauseMillis, TimeUnit.MILLISECONDS);
            }
        }
    }

    private int serve(String answer, long pauseMillis) {
        Channel server = new ServerBootstrap().group(loop).channel(EpollServerSocketChannel.class)
                .childHandler(new Stalling(answer, pauseMillis))
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).syncUninterruptibly().channel();
        return ((InetSocketAddress) server.localAddress()).getPort();
    }

    @Test
    void chargesAStallToEveryCallThatHadToWaitForIt() {
        int port = serve("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", 300);
        LoadReply reply = new Driver(loop, LoadSpec.paced(Kind.HTTP, port, 1, 1, 1_000, 0.3)).run();
        assertEquals(300, reply.completed() + reply.failed());
        // One slow answer among three hundred, yet half of the calls were due more than 100 ms before they could be sent.
        assertTrue(reply.p50() > 100_000, "p50 " + reply.p50());
    }

    /** A proxy that drains a connection says so, and a client that heeds it loses nothing. */
    @Test
    void takesAnotherConnectionAfterTheLastAnswerOfOne() {
        int port = serve("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nConnection: close\r\n\r\n", 0);
        LoadReply reply = new Driver(loop, LoadSpec.paced(Kind.HTTP, port, 2, 1, 200, 0.2)).run();
        assertEquals(0, reply.failed());
        assertEquals(40, reply.completed());
    }

    @Test
    void countsErrorsAsFailures() {
        LoadReply reply = new Driver(loop, LoadSpec.saturating(Kind.HTTP, serve("HTTP/1.1 503 No\r\ncontent-length: 0\r\n\r\n", 0), 2, 1, 0.05)).run();
        assertEquals(0, reply.completed());
        assertTrue(reply.failed() > 0);
    }

    @ParameterizedTest
    @EnumSource(value = Kind.class, names = {"HTTP", "GRPC", "CONNECT"})
    void everyKindIsAnsweredByItsBackend(Kind kind) {
        try (Backends backends = Backends.start(loop)) {
            int port = kind == Kind.GRPC ? backends.grpcPort() : backends.httpPort();
            LoadReply reply = new Driver(loop, LoadSpec.saturating(kind, port, 2, kind == Kind.GRPC ? 8 : 1, 0.1)).run();
            assertEquals(0, reply.failed());
            assertTrue(reply.completed() > 0);
        }
    }

    @Test
    void bulkCountsWhatArrived() {
        try (Backends backends = Backends.start(loop)) {
            LoadReply reply = Bulk.run(loop, LoadSpec.saturating(Kind.BULK, backends.sinkPort(), 1, 1, 0.1), backends.sunk());
            assertTrue(reply.bytes() > 0);
        }
    }

    @Test
    void nobodyListening() {
        LoadSpec spec = LoadSpec.saturating(Kind.HTTP, 1, 2, 1, 0.1);
        assertThrows(IllegalStateException.class, () -> new Driver(loop, spec).run());
    }

    @Test
    void specAndReplySurviveTheirLine() {
        LoadSpec spec = LoadSpec.paced(Kind.GRPC, 8080, 4, 16, 1_000, 1.5);
        assertEquals(spec, LoadSpec.parse(spec.line()));
        LoadReply reply = new LoadReply(1, 2, 3, 4.5, 5, 6, 7, 8.25);
        assertEquals(reply, LoadReply.parse(reply.line()));
    }
}
