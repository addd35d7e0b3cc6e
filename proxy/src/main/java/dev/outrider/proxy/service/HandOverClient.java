package dev.outrider.proxy.service;

import dev.outrider.proxy.connection.InheritedSockets;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.DomainSocketReadMode;
import io.netty.channel.unix.FileDescriptor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The side of a hand-over that gets the sockets: see {@link HandOverServer} for what is said. Blocks; not on a loop. */
public final class HandOverClient implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 10;

    /** How many sockets, and the supervisor's patience in µs. */
    private static final Pattern TERMS = Pattern.compile("([0-9]{1,3}) ([0-9]{1,18})");

    private final Channel channel;
    private final Answers answers;
    private final InheritedSockets sockets = new InheritedSockets();
    private long patienceMicros;

    private HandOverClient(Channel channel, Answers answers) {
        this.channel = channel;
        this.answers = answers;
    }

    /** Has the sockets of the process that listens at {@code path} when it returns. */
    public static HandOverClient take(EventLoopGroup loop, Path path) throws IOException {
        var answers = new Answers();
        var connected = new Bootstrap().group(loop).channel(EpollDomainSocketChannel.class).handler(answers)
                .connect(new DomainSocketAddress(path.toString())).awaitUninterruptibly();
        if (!connected.isSuccess()) {
            throw new IOException(path + ": no running sidecar hands its sockets over here: " + connected.cause().getMessage(), connected.cause());
        }
        var client = new HandOverClient(connected.channel(), answers);
        try {
            client.takeAll();
            return client;
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    private void takeAll() throws IOException {
        String answer = ask("take");
        Matcher terms = TERMS.matcher(answer);
        if (!terms.matches()) {
            throw new IOException("hand-over: the running process answered '" + answer + "' where it should offer its sockets: restart instead");
        }
        int count = Integer.parseInt(terms.group(1));
        patienceMicros = Long.parseLong(terms.group(2));
        channel.config().setOption(EpollChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.FILE_DESCRIPTORS);
        CompletableFuture<Void> complete = answers.expect(sockets, count);
        tell("send");
        await(complete, "the sockets");
        channel.config().setOption(EpollChannelOption.DOMAIN_SOCKET_READ_MODE, DomainSocketReadMode.BYTES);
    }

    public InheritedSockets sockets() {
        return sockets;
    }

    /** {@code WATCHDOG_USEC} of the service. */
    public long patienceMicros() {
        return patienceMicros;
    }

    /** Tells the other process that this one serves; it has begun to drain when this returns. */
    public void serving() throws IOException {
        ask("serving");
    }

    private String ask(String line) throws IOException {
        CompletableFuture<String> answer = answers.expectLine();
        tell(line);
        return await(answer, "an answer to '" + line + "'");
    }

    private void tell(String line) {
        channel.writeAndFlush(Unpooled.copiedBuffer(line + "\n", StandardCharsets.UTF_8));
    }

    private static <T> T await(CompletableFuture<T> what, String name) throws IOException {
        try {
            return what.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("hand-over: " + name + " did not come", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("hand-over: interrupted", e);
        }
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly();
    }

    /** What comes back, on the loop. */
    private static final class Answers extends ChannelInboundHandlerAdapter {

        private final StringBuilder text = new StringBuilder();
        private volatile CompletableFuture<String> line = new CompletableFuture<>();
        private volatile CompletableFuture<Void> all = new CompletableFuture<>();
        private volatile InheritedSockets into = new InheritedSockets();
        private volatile int missing;

        CompletableFuture<String> expectLine() {
            line = new CompletableFuture<>();
            return line;
        }

        CompletableFuture<Void> expect(InheritedSockets sockets, int count) {
            into = sockets;
            missing = count;
            all = count == 0 ? CompletableFuture.completedFuture(null) : new CompletableFuture<>();
            return all;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (message instanceof FileDescriptor descriptor) {
                into.add(descriptor.intValue());
                // Only this loop counts down; the asking thread sets it before it asks.
                int left = missing - 1;
                missing = left;
                if (left == 0) {
                    all.complete(null);
                }
                return;
            }
            ByteBuf bytes = (ByteBuf) message;
            text.append(bytes.toString(StandardCharsets.UTF_8));
            bytes.release();
            int end = text.indexOf("\n");
            if (end >= 0) {
                String first = text.substring(0, end);
                text.delete(0, end + 1);
                line.complete(first);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            var gone = new IOException("the other process is gone");
            line.completeExceptionally(gone);
            all.completeExceptionally(gone);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            line.completeExceptionally(cause);
            all.completeExceptionally(cause);
            ctx.close();
        }
    }
}
