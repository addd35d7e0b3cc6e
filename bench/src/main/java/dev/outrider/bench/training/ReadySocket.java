package dev.outrider.bench.training;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The supervisor's end of sd_notify(3). */
final class ReadySocket implements AutoCloseable {

    private final Path path;
    private final CountDownLatch ready = new CountDownLatch(1);
    private final Channel channel;

    ReadySocket(EventLoopGroup loop, Path path) {
        this.path = path;
        channel = new Bootstrap().group(loop).channel(EpollDomainDatagramChannel.class)
                .handler(new SimpleChannelInboundHandler<DomainDatagramPacket>() {
                    @Override
                    protected void channelRead0(ChannelHandlerContext ctx, DomainDatagramPacket packet) {
                        if (packet.content().toString(StandardCharsets.UTF_8).lines().anyMatch("READY=1"::equals)) {
                            ready.countDown();
                        }
                    }
                })
                .bind(new DomainSocketAddress(path.toFile())).syncUninterruptibly().channel();
    }

    Path path() {
        return path;
    }

    boolean await(Duration limit) throws InterruptedException {
        return ready.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        channel.close();
    }
}
