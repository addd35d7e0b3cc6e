package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.datapath.origdst.OriginalDestinationSource;
import dev.outrider.proxy.datapath.upstream.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A bound address. It outlives versions of its listener: a new version only changes what the next connection is given to.
 *
 * <p>One socket accepts and deals connections out to the loops in turn. SO_REUSEPORT with a socket per loop would save a hand-over per
 * connection, but spreads a machine's few long connections by a hash, which often leaves one of two loops idle, and loses what waits in
 * a socket's queue when it is closed.
 */
final class Acceptor {

    private static final AtomicLong IDS = new AtomicLong();
    private static final int BACKLOG = 4096;

    private final EventLoopGroup loops;
    private final OriginalDestinationSource destinations;
    private final HandOff handOff;
    private final AtomicInteger open;
    private final int most;
    private volatile LiveListener listener;

    /**
     * {@code open} counts the connections of all acceptors from the moment that each is accepted, before its own loop knows it; above
     * {@code most} new ones are closed at once.
     */
    Acceptor(EventLoopGroup loops, LiveListener listener, OriginalDestinationSource destinations, HandOff handOff, AtomicInteger open, int most) {
        this.loops = loops;
        this.listener = listener;
        this.destinations = destinations;
        this.handOff = handOff;
        this.open = open;
        this.most = most;
    }

    void listener(LiveListener newer) {
        listener = newer;
    }

    /** {@code given}: a socket that listens there already; {@code accepting}: from the start, otherwise when reading is turned on. */
    ChannelFuture bind(InetSocketAddress address, @Nullable Integer given, boolean accepting) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channelFactory(() -> given == null ? Transport.server() : Transport.server(given))
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .handler(new Counting(open))
                .option(ChannelOption.AUTO_READ, accepting)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, Transport.reads())
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, waterMark(listener))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted(channel);
                    }
                });
        if (Transport.epoll()) {
            if (listener.model().transparent()) {
                bootstrap.option(EpollChannelOption.IP_TRANSPARENT, true);
            }
            if (listener.model().freebind()) {
                bootstrap.option(EpollChannelOption.IP_FREEBIND, true);
            }
        }
        return given == null ? bootstrap.bind(address) : bootstrap.register();
    }

    private void accepted(Channel channel) {
        LiveListener serving = listener;
        if (open.get() > most) {
            serving.stats().overflow.inc();
            channel.close();
            return;
        }
        if (!(channel.remoteAddress() instanceof InetSocketAddress remote) || !(channel.localAddress() instanceof InetSocketAddress local)) {
            // The client was gone before it was accepted.
            channel.close();
            return;
        }
        channel.pipeline().addLast("intake", new Intake(serving, connection(channel, remote, local, serving), destinations, handOff));
    }

    static DownstreamConnection connection(Channel channel, InetSocketAddress remote, InetSocketAddress local, LiveListener serving) {
        return new DownstreamConnection(IDS.incrementAndGet(), channel, remote, local, serving.model());
    }

    /** How much may wait to be written to a client, for each connection. */
    static WriteBufferWaterMark waterMark(LiveListener listener) {
        int buffer = (int) Math.max(64 * 1024, Math.min(listener.model().bufferLimitBytes(), Integer.MAX_VALUE));
        return new WriteBufferWaterMark(buffer / 2, buffer);
    }

    /** Ahead of the bootstrap's own handler, on the accepting loop: a process that ends must not overlook what it has just accepted. */
    @ChannelHandler.Sharable
    private static final class Counting extends ChannelInboundHandlerAdapter {

        private final AtomicInteger open;

        Counting(AtomicInteger open) {
            this.open = open;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object accepted) {
            open.incrementAndGet();
            ((Channel) accepted).closeFuture().addListener(closed -> open.decrementAndGet());
            ctx.fireChannelRead(accepted);
        }
    }
}
