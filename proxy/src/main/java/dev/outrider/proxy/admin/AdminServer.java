package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.state.AdminActions;
import dev.outrider.proxy.admin.state.AdminState;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/** The HTTP server of the admin pages, on a loop of its own, so that a scrape never costs a request latency. */
public final class AdminServer implements AutoCloseable {

    /** A form or a query, never an upload. */
    private static final int MAX_BODY = 64 * 1024;

    private static final int MAX_CONNECTIONS = 256;
    private static final int IDLE_SECONDS = 60;

    private final Channel channel;
    private final ChannelGroup connections;

    private AdminServer(Channel channel, ChannelGroup connections) {
        this.channel = channel;
        this.connections = connections;
    }

    /** Listens when it returns. {@code loop} has one thread, whose kind {@code sockets} fit. */
    public static AdminServer start(
            EventLoopGroup loop, ListenSockets sockets, SocketAddress address, AdminState state, AdminActions actions)
            throws IOException {
        return start(loop, sockets, address, AdminPages.router(state, actions));
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
        return new AdminServer(bound.channel(), connections);
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
    }
}
