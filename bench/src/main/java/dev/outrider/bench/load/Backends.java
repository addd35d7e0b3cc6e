package dev.outrider.bench.load;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** What stands behind the proxies: as little work a request as possible, so that the measured part is the proxy's. Any thread. */
public final class Backends implements AutoCloseable {

    /** Enough for 8,000 connections that come at once. */
    private static final int BACKLOG = 8_192;

    private static final int SINK_READ = 256 * 1024;

    private final Channel http;
    private final Channel grpc;
    private final Channel sink;
    private final LongAdder sunk;

    private Backends(Channel http, Channel grpc, Channel sink, LongAdder sunk) {
        this.http = http;
        this.grpc = grpc;
        this.sink = sink;
        this.sunk = sunk;
    }

    public static Backends start(EventLoopGroup loop) {
        LongAdder sunk = new LongAdder();
        return new Backends(
                bind(loop, HttpBackendHandler::new, 0),
                bind(loop, GrpcBackendHandler::new, 0),
                bind(loop, () -> new SinkHandler(sunk), SINK_READ),
                sunk);
    }

    private static Channel bind(EventLoopGroup loop, Supplier<ChannelHandler> handler, int readSize) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loop)
                .channel(EpollServerSocketChannel.class)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(handler.get());
                    }
                });
        if (readSize > 0) {
            bootstrap.childOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(readSize));
        }
        return bootstrap.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).syncUninterruptibly().channel();
    }

    public int httpPort() {
        return port(http);
    }

    public int grpcPort() {
        return port(grpc);
    }

    public int sinkPort() {
        return port(sink);
    }

    /** Bytes that the sink has taken so far. */
    LongAdder sunk() {
        return sunk;
    }

    @Override
    public void close() {
        http.close();
        grpc.close();
        sink.close();
    }

    private static int port(Channel channel) {
        return ((InetSocketAddress) channel.localAddress()).getPort();
    }
}
