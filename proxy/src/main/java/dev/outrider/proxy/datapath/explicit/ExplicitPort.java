package dev.outrider.proxy.datapath.explicit;

import dev.outrider.proxy.datapath.cluster.HostResolver;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.proxy.telemetry.Stats;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The bound port. Local programs alone may use it: whoever reaches it speaks with this machine's identity. Any thread. */
public final class ExplicitPort implements AutoCloseable {

    /** The way of captured connections. */
    public interface Way {

        /** Counts a client from now to its end; false where there are too many. On the channel's loop. */
        boolean enter(Channel client);

        /**
         * Puts the stages behind {@code ctx}, as for a connection that was captured on its way to {@code destination}; false while no listener
         * takes captured connections. On the channel's loop.
         */
        boolean take(ChannelHandlerContext ctx, InetSocketAddress destination);
    }

    /**
     * @param names of the mesh, and of everything else
     * @param own sockets of this process: no targets, as whoever comes through here comes as the sidecar
     */
    public record Parts(EventLoopGroup loops, Way way, HostResolver names, List<Channel> own, Stats stats) {}

    private final Channel channel;

    private ExplicitPort(Channel channel) {
        this.channel = channel;
    }

    /** {@code given}: a socket that listens there already. Throws where the address is not this machine's loopback, or taken. */
    public static ExplicitPort open(InetSocketAddress address, @Nullable Integer given, Parts parts) throws IOException {
        if (!address.getAddress().isLoopbackAddress()) {
            throw new IOException("explicit port " + address + ": must be a loopback address, as it speaks with this machine's identity");
        }
        var counts = new ClientDialogue.Counts(parts.stats());
        Set<Integer> own = ConcurrentHashMap.newKeySet();
        parts.own().forEach(socket -> addPort(own, socket));
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(parts.loops())
                .channelFactory(() -> given == null ? Transport.server() : Transport.server(given))
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, Transport.reads())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addLast("dialogue", new ClientDialogue(parts.way(), parts.names(), own, counts));
                    }
                });
        ChannelFuture bound = (given == null ? bootstrap.bind(address) : bootstrap.register()).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("explicit port " + address + ": " + bound.cause().getMessage(), bound.cause());
        }
        addPort(own, bound.channel());
        return new ExplicitPort(bound.channel());
    }

    private static void addPort(Set<Integer> ports, Channel socket) {
        if (socket.localAddress() instanceof InetSocketAddress address) {
            ports.add(address.getPort());
        }
    }

    public Channel channel() {
        return channel;
    }

    /** Takes no further client; those that are there go on. */
    @Override
    public void close() {
        channel.close();
    }
}
