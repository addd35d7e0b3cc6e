package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.state.AdminActions;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.connection.SocketFile;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The HTTP server of the admin pages, on a loop of its own, so that a scrape never costs a request latency. */
public final class AdminServer implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.admin");

    /** A form or a query, never an upload. */
    private static final int MAX_BODY = 64 * 1024;

    private static final int MAX_CONNECTIONS = 256;
    private static final int IDLE_SECONDS = 60;

    private final Channel channel;
    private final ChannelGroup connections;

    private final @Nullable SocketFile file;

    private AdminServer(Channel channel, ChannelGroup connections, @Nullable SocketFile file) {
        this.channel = channel;
        this.connections = connections;
        this.file = file;
    }

    /** Listens when it returns. {@code loop} has one thread, whose kind {@code sockets} fit. */
    public static AdminServer start(
            EventLoopGroup loop, ListenSockets sockets, SocketAddress address, AdminState state, AdminActions actions)
            throws IOException {
        return start(loop, sockets, address, AdminPages.router(state, actions));
    }

    /** The same pages at a Unix socket, for root and the members of this process's group. {@code loop} is one of epoll. */
    public static AdminServer start(EventLoopGroup loop, Path socket, AdminState state, AdminActions actions) throws IOException {
        AdminRouter router = AdminPages.router(state, actions);
        SocketFile.Published<AdminServer> published = SocketFile.publish(socket, "rw-rw----", "", at ->
                start(loop, any -> new EpollServerDomainSocketChannel(), new DomainSocketAddress(at.toString()), router), AdminServer::close);
        AdminServer server = published.server();
        return new AdminServer(server.channel, server.connections, published.file());
    }

    static AdminServer start(EventLoopGroup loop, ListenSockets sockets, SocketAddress address, AdminRouter router) throws IOException {
        ChannelGroup connections = new DefaultChannelGroup(loop.next());
        ServerChannel socket = sockets.at(address);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .channelFactory(() -> socket)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel child) {
                        if (connections.size() >= MAX_CONNECTIONS) {
                            child.close();
                            return;
                        }
                        connections.add(child);
                        child.pipeline().addLast(
                                new ReadTimeoutHandler(IDLE_SECONDS, TimeUnit.SECONDS),
                                new HttpServerCodec(),
                                new HttpObjectAggregator(MAX_BODY, true),
                                new AdminHandler(router));
                    }
                });
        var bound = (socket.isActive() ? bootstrap.register() : bootstrap.bind(address)).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("admin address " + address + ": " + bound.cause().getMessage(), bound.cause());
        }
        return new AdminServer(bound.channel(), connections, null);
    }

    /** The listening socket, for the process that takes over. */
    public Channel channel() {
        return channel;
    }

    public SocketAddress address() {
        return channel.localAddress();
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
        connections.close().awaitUninterruptibly();
        if (file != null) {
            try {
                file.remove();
            } catch (IOException e) {
                LOG.log(Level.FINE, "the admin socket could not be removed", e);
            }
        }
    }
}
