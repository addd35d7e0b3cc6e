package dev.outrider.proxy.connection;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class InheritedSocketsTest {

    @ParameterizedTest
    @CsvSource({"0.0.0.0, ::, true", "0.0.0.0, 0.0.0.0, true", "127.0.0.1, 127.0.0.1, true", "127.0.0.1, 0.0.0.0, false", "127.0.0.1, ::, false"})
    void aSocketIsHandedOnceToWhoeverWouldBindItsAddress(String bound, String asked, boolean given) {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        EpollServerSocketChannel channel = new EpollServerSocketChannel(SocketProtocolFamily.INET);
        try {
            loop.register(channel).syncUninterruptibly();
            channel.bind(new InetSocketAddress(InetAddress.ofLiteral(bound), 0)).syncUninterruptibly();
            InheritedSockets all = new InheritedSockets();
            all.add(channel.fd().intValue());
            InetSocketAddress wanted = new InetSocketAddress(InetAddress.ofLiteral(asked), channel.localAddress().getPort());
            assertNull(all.datagram(wanted));
            assertEquals(given ? channel.fd().intValue() : null, all.stream(wanted));
            assertNull(all.stream(wanted));
        } finally {
            channel.close().awaitUninterruptibly();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @ParameterizedTest
    @CsvSource({"0, ::, true", "0, 0.0.0.0, true", "1, ::, true", "1, 0.0.0.0, false"})
    void aSocketOfBothFamiliesIsAsGoodAsOneOfIpv4(int alone, String asked, boolean given) {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        EpollServerSocketChannel channel = new EpollServerSocketChannel(SocketProtocolFamily.INET6);
        try {
            loop.register(channel).syncUninterruptibly();
            channel.config().setOption(new IntegerUnixChannelOption("IPV6_V6ONLY", 41, 26), alone);
            channel.bind(new InetSocketAddress(InetAddress.ofLiteral("::"), 0)).syncUninterruptibly();
            InheritedSockets all = new InheritedSockets();
            all.add(channel.fd().intValue());
            Integer got = all.stream(new InetSocketAddress(InetAddress.ofLiteral(asked), channel.localAddress().getPort()));
            assertEquals(given ? channel.fd().intValue() : null, got);
        } finally {
            channel.close().awaitUninterruptibly();
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 3", "41, 3", "42, x", "42, 0"})
    void whatIsNotMeantForThisProcessIsNotTaken(String pid, String count) {
        assertTrue(InheritedSockets.ofSystemd(Map.of("LISTEN_PID", pid, "LISTEN_FDS", count), 42).isEmpty());
    }
}
