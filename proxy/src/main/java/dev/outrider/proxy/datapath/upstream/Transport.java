package dev.outrider.proxy.datapath.upstream;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;

/** The kind of sockets of this process: epoll where it works, else the JDK's. One decision for both sides, because a channel fits only loops of its kind. */
public final class Transport {

    private static final boolean EPOLL = Epoll.isAvailable();

    /** Measured: reads that may grow to 256 KB halve the cost of bulk data; they shrink back on connections that need little. */
    private static final int LARGEST_READ = 256 * 1024;

    private Transport() {}

    public static boolean epoll() {
        return EPOLL;
    }

    public static IoHandlerFactory ioHandlers() {
        return EPOLL ? SteadyEpoll.newFactory() : NioIoHandler.newFactory();
    }

    public static ServerSocketChannel server() {
        return EPOLL ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    }

    /** A listening socket that exists already: bound to nothing new, it only has to be registered. */
    public static ServerSocketChannel server(int descriptor) {
        return new EpollServerSocketChannel(descriptor);
    }

    /** A new socket, of no loop yet. */
    static Channel client(SocketAddress to) {
        if (to instanceof DomainSocketAddress) {
            return EPOLL ? new EpollDomainSocketChannel() : new NioDomainSocketChannel();
        }
        return EPOLL ? new EpollSocketChannel() : new NioSocketChannel();
    }

    public static RecvByteBufAllocator reads() {
        return new AdaptiveRecvByteBufAllocator(2048, 8192, LARGEST_READ);
    }
}
