package dev.outrider.dns;

import dev.outrider.dns.forward.Forwarder;
import dev.outrider.dns.forward.Sockets;
import dev.outrider.dns.query.Cidr;
import dev.outrider.dns.query.QueryEngine;
import dev.outrider.dns.server.AccessList;
import dev.outrider.dns.server.TcpConnections;
import dev.outrider.dns.server.TcpServerHandler;
import dev.outrider.dns.server.UdpServerHandler;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.ServerChannel;
import io.netty.channel.WriteBufferWaterMark;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The listening sockets, a UDP and a TCP one per address. Opened and closed by one thread that is not a loop. */
final class Fronts {

    /** A burst of questions waits in the kernel instead of being lost; unbound with its default loses some at full rate. */
    private static final int RECEIVE_BUFFER = 1 << 20;

    /** Read in one go when that many wait; their replies leave with one system call. */
    private static final int PACKETS_A_READ = 32;

    private static final int PORT_TRIES = 20;

    private final Sockets sockets;
    private final QueryEngine engine;
    private final AccessList access;
    private final TcpConnections connections;
    private final DnsSettings settings;
    private final LongSupplier clock;
    private final List<Channel> open = new ArrayList<>();
    private final List<Channel> clients = new ArrayList<>();

    Fronts(Sockets sockets, QueryEngine engine, DnsSettings settings, LongSupplier nanoClock) {
        this.sockets = sockets;
        this.engine = engine;
        this.settings = settings;
        this.clock = nanoClock;
        this.access = new AccessList(settings.allowedPeers().stream().map(Cidr::of).toList());
        this.connections = new TcpConnections(engine.metrics());
    }

    /** What is open, for the process that takes over. */
    List<Channel> channels() {
        return List.copyOf(open);
    }

    List<InetSocketAddress> open(SocketSource given) throws IOException {
        List<InetSocketAddress> bound = new ArrayList<>();
        for (InetSocketAddress address : settings.listen()) {
            bound.add(openPair(address, given));
        }
        return List.copyOf(bound);
    }

    private InetSocketAddress openPair(InetSocketAddress address, SocketSource given) throws IOException {
        Throwable last = null;
        for (int i = 0; i < (address.getPort() == 0 ? PORT_TRIES : 1); i++) {
            ChannelFuture udp = bindUdp(address, given.datagram(address)).awaitUninterruptibly();
            if (!udp.isSuccess()) {
                throw failure("UDP", address, udp.cause());
            }
            InetSocketAddress bound = (InetSocketAddress) udp.channel().localAddress();
            ChannelFuture tcp = bindTcp(bound, given.stream(bound)).awaitUninterruptibly();
            if (tcp.isSuccess()) {
                open.add(udp.channel());
                open.add(tcp.channel());
                return bound;
            }
            // A port that the kernel gave for UDP may be taken for TCP.
            last = tcp.cause();
            udp.channel().close().awaitUninterruptibly();
        }
        throw failure("TCP", address, last);
    }

    private static IOException failure(String protocol, InetSocketAddress address, @Nullable Throwable cause) {
        String why = cause == null ? "unknown" : cause.getMessage();
        return new IOException(
                "DNS cannot listen on " + address.getAddress().getHostAddress() + ":" + address.getPort() + " (" + protocol + "): " + why
                        + "; free the address or set another in dns.listen", cause);
    }

    private ChannelFuture bindUdp(InetSocketAddress address, @Nullable Integer given) {
        Bootstrap bootstrap = new Bootstrap()
                .group(sockets.loop())
                .channelFactory(sockets.datagram(address, given))
                .option(ChannelOption.SO_RCVBUF, RECEIVE_BUFFER)
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(UdpServerHandler.MAX_PACKET).maxMessagesPerRead(PACKETS_A_READ))
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1 << 19, 1 << 20))
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(new UdpServerHandler(engine, access, address.getAddress(), channel));
                    }
                });
        return given == null ? bootstrap.bind(address) : bootstrap.register();
    }

    private ChannelFuture bindTcp(InetSocketAddress address, @Nullable Integer given) {
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(sockets.loop())
                .channelFactory(() -> sockets.server(given))
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1 << 15, 1 << 16))
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        clients.add(channel);
                        channel.closeFuture().addListener(f -> clients.remove(channel));
                        channel.pipeline().addLast(new TcpServerHandler(engine, access, connections, clock, channel));
                    }
                });
        return given == null ? bootstrap.bind(address) : bootstrap.register();
    }

    /** Stops taking questions, fails those that wait, then closes their connections. */
    void close(Forwarder forwarder) {
        for (Channel channel : open) {
            if (channel instanceof ServerChannel) {
                channel.close().awaitUninterruptibly();
            }
        }
        if (!sockets.loop().isShuttingDown()) {
            sockets.loop().submit(() -> {
                forwarder.close();
                new ArrayList<>(clients).forEach(Channel::close);
            }).awaitUninterruptibly();
        }
        for (Channel channel : open) {
            channel.close().awaitUninterruptibly();
        }
        open.clear();
    }
}
