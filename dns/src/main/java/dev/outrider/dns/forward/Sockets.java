package dev.outrider.dns.forward;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoEventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The channel types that fit the one loop on which all of the shim runs.
 *
 * @param mark SO_MARK of sockets towards resolvers, by which a redirect rule can spare them; 0 for none
 */
public record Sockets(EventLoop loop, boolean epoll, int mark) {

    /** SOL_SOCKET and SO_MARK of linux/asm-generic/socket.h; Netty has no name for it. */
    private static final IntegerUnixChannelOption SO_MARK = new IntegerUnixChannelOption("SO_MARK", 1, 36);

    public static Sockets of(EventLoop loop, int mark) {
        boolean epoll = loop instanceof IoEventLoop io && io.isCompatible(EpollIoHandle.class);
        return new Sockets(loop, epoll, mark);
    }

    /** A datagram socket of the address's own family: one for both families costs more for each packet. */
    public ChannelFactory<DatagramChannel> datagram(InetSocketAddress address) {
        return datagram(address, null);
    }

    /** {@code given}: descriptor of a socket that is bound already. */
    public ChannelFactory<DatagramChannel> datagram(InetSocketAddress address, @Nullable Integer given) {
        SocketProtocolFamily family = address.getAddress() instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
        if (!epoll) {
            return () -> new NioDatagramChannel(family);
        }
        return () -> given == null ? new EpollDatagramChannel(family) : new EpollDatagramChannel(given);
    }

    /** {@code given}: descriptor of a socket that listens already. */
    public ServerChannel server(@Nullable Integer given) {
        if (!epoll) {
            return new NioServerSocketChannel();
        }
        return given == null ? new EpollServerSocketChannel() : new EpollServerSocketChannel(given);
    }

    Bootstrap upstreamUdp(InetSocketAddress resolver) {
        // One packet a read: the first decides, and the socket closes with it.
        return upstream(datagram(resolver))
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(4096).maxMessagesPerRead(1));
    }

    Bootstrap upstreamTcp() {
        return upstream(() -> epoll ? new EpollSocketChannel() : new NioSocketChannel())
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 1500)
                .option(ChannelOption.TCP_NODELAY, true);
    }

    private Bootstrap upstream(ChannelFactory<? extends Channel> type) {
        Bootstrap bootstrap = new Bootstrap().group(loop).channelFactory(type);
        return epoll && mark != 0 ? bootstrap.option(SO_MARK, mark) : bootstrap;
    }
}
