package dev.outrider.proxy.service;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringEncoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Supplier;
import java.util.logging.Logger;

/**
 * The side of a hand-over that has the sockets. Over a Unix socket that only its own user may open it is asked, a line each: {@code take}
 * (answer: how many sockets, and the supervisor's patience in µs), {@code send} (answer: the descriptors, SCM_RIGHTS), {@code serving}
 * (answer: {@code done}; from then on this process only drains), and {@code watch} (answer: {@code done} when that has happened, {@code failed} when a taker is gone before). On
 * {@code loop}.
 */
public final class HandOverServer {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.app");
    private static final int LONGEST_LINE = 64;

    /** Who asks, what is given, and what follows. */
    public record Terms(Supplier<List<Channel>> sockets, long patienceMicros, Runnable handedOver) {}

    private HandOverServer() {}

    /** Bound when it returns; unbound by the first process that takes over, or with {@code loop}. */
    public static void start(EventLoopGroup loop, Path path, Terms terms) throws IOException {
        Files.deleteIfExists(path);
        ChannelGroup watching = new DefaultChannelGroup(loop.next());
        var bound = new ServerBootstrap().group(loop).channel(EpollServerDomainSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel child) {
                        child.pipeline().addLast(
                                new LineBasedFrameDecoder(LONGEST_LINE), new StringEncoder(StandardCharsets.UTF_8), new Conversation(terms, watching));
                    }
                })
                .bind(new DomainSocketAddress(path.toString())).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException(path + ": " + bound.cause().getMessage(), bound.cause());
        }
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
    }

    private static final class Conversation extends SimpleChannelInboundHandler<ByteBuf> {

        private final Terms terms;
        private final ChannelGroup watching;
        /** What was counted is what is sent, whatever is bound or closed between the two. */
        private List<Channel> offered = List.of();
        private boolean taking;

        Conversation(Terms terms, ChannelGroup watching) {
            this.terms = terms;
            this.watching = watching;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf line) {
            switch (line.toString(StandardCharsets.UTF_8)) {
                case "take" -> {
                    offered = terms.sockets.get();
                    ctx.writeAndFlush(offered.size() + " " + terms.patienceMicros + "\n");
                }
                case "send" -> {
                    taking = true;
                    for (Channel socket : offered) {
                        ctx.writeAndFlush(((UnixChannel) socket).fd());
                    }
                }
                case "serving" -> {
                    taking = false;
                    handOver(ctx.channel());
                }
                case "watch" -> watching.add(ctx.channel());
                default -> ctx.writeAndFlush("unknown\n").addListener(ChannelFutureListener.CLOSE);
            }
        }

        private void handOver(Channel taker) {
            LOG.info("another process serves the sockets from now on: draining");
            // Closing removes the path, which the taker makes anew: only then may it know.
            taker.parent().close().addListener(closed -> {
                taker.writeAndFlush("done\n");
                watching.writeAndFlush("done\n").addListener(told -> terms.handedOver.run());
            });
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            if (taking) {
                watching.writeAndFlush("failed\n");
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            LOG.warning("hand-over: " + cause);
            ctx.close();
        }
    }
}
