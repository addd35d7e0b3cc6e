package dev.outrider.proxy.datapath.relay;

import dev.outrider.proxy.connection.StreamInfo;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.channels.NotYetConnectedException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Moves bytes between two connections of one event loop: as read, uncopied, without allocation per chunk. A side that cannot take more
 * stops the other's reading; an end of input becomes an end of output once everything before it is written; the end of both, or the loss
 * of either, ends the relay exactly once.
 *
 * <p>On TLS an end of output is close_notify and FIN, and either is an end of input ({@link TlsHalfClose}).
 */
public final class TcpRelay {

    /** Told once, when both connections are closed or closing. */
    public interface Ended {

        /** Who brought it about: the side that was lost, or null when both directions had come to their end. */
        void relayEnded(@Nullable Lost lost);
    }

    public enum Lost { DOWNSTREAM, UPSTREAM }

    private static final int STALLED_FLUSH_SECONDS = 30;

    private final StreamInfo info;
    private final Ended ended;
    private final Side downstream;
    private final Side upstream;
    private long lastActivityNanos = System.nanoTime();
    private boolean over;

    public TcpRelay(Channel downstream, Channel upstream, StreamInfo info, Ended ended) {
        this.info = info;
        this.ended = ended;
        this.downstream = new Side(downstream, Lost.DOWNSTREAM);
        this.upstream = new Side(upstream, Lost.UPSTREAM);
        this.downstream.other = this.upstream;
        this.upstream.other = this.downstream;
    }

    /** Adds the handlers and starts reading both. Half-closed connections stay open from here on. */
    public void start() {
        assert downstream.channel.eventLoop().inEventLoop();
        halfClosure(upstream.channel);
        halfClosure(downstream.channel);
        upstream.channel.pipeline().addLast("relay", upstream);
        downstream.channel.pipeline().addLast("relay", downstream);
        upstream.resume();
        downstream.resume();
    }

    private static void halfClosure(Channel channel) {
        TlsHalfClose.install(channel);
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
    }

    /** The handler of the downstream side, for bytes that were read before the relay stood. */
    public ChannelInboundHandlerAdapter downstreamHandler() {
        return downstream;
    }

    public long lastActivityNanos() {
        return lastActivityNanos;
    }

    /** Ends both now. */
    public void close() {
        over = true;
        downstream.channel.close();
        upstream.channel.close();
    }

    private void end(@Nullable Lost lost) {
        if (!over) {
            over = true;
            downstream.flushAndClose();
            upstream.flushAndClose();
            ended.relayEnded(lost);
        }
    }

    private final class Side extends ChannelInboundHandlerAdapter {
        private final Channel channel;
        private final Lost name;
        @SuppressWarnings("NullAway.Init") // the two sides know each other before either is used
        private Side other;
        private boolean inputEnded;
        private boolean outputEnded;

        Side(Channel channel, Lost name) {
            this.channel = channel;
            this.name = name;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (over || !(message instanceof ByteBuf bytes)) {
                ReferenceCountUtil.release(message);
                return;
            }
            int size = bytes.readableBytes();
            long now = System.nanoTime();
            lastActivityNanos = now;
            count(size, now);
            Channel to = other.channel;
            to.write(bytes, to.voidPromise());
            if (!to.isWritable()) {
                to.flush();
                if (!to.isWritable()) {
                    channel.config().setAutoRead(false);
                }
            }
        }

        private void count(int size, long now) {
            if (name == Lost.DOWNSTREAM) {
                info.bytesReceived += size;
                info.upstreamBytesSent += size;
                info.lastUpstreamTxNanos = now;
                if (info.firstUpstreamTxNanos == 0) {
                    info.firstUpstreamTxNanos = now;
                }
            } else {
                info.bytesSent += size;
                info.upstreamBytesReceived += size;
                info.lastUpstreamRxNanos = now;
                if (info.firstUpstreamRxNanos == 0) {
                    info.firstUpstreamRxNanos = now;
                    info.firstDownstreamTxNanos = now;
                }
                info.lastDownstreamTxNanos = now;
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            other.channel.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext ctx) {
            if (channel.isWritable() && !over) {
                other.resume();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event == ChannelInputShutdownEvent.INSTANCE || event == ChannelInputShutdownReadComplete.INSTANCE
                    || event instanceof SslCloseCompletionEvent) {
                endOfInput();
            } else {
                ctx.fireUserEventTriggered(event);
            }
        }

        void resume() {
            channel.config().setAutoRead(true);
        }

        private void endOfInput() {
            if (inputEnded || over) {
                return;
            }
            inputEnded = true;
            if (other.inputEnded) {
                end(null);
            } else {
                other.endOutput();
            }
        }

        private void endOutput() {
            TlsHalfClose.endOutput(channel).addListener(written -> {
                if (written.isSuccess() && !over) {
                    outputEnded = true;
                    // An end of input is the end of this connection from now on, and needs no half-closing.
                    channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
                    sendFin();
                }
            });
        }

        /** All is written: the socket is told directly, since Netty's own way makes an exception, stack trace included, for writes that might wait. */
        private void sendFin() {
            if (channel instanceof UnixChannel unix && unix.fd() instanceof Socket socket) {
                try {
                    socket.shutdown(false, true);
                } catch (IOException | NotYetConnectedException e) {
                    // Gone already: the loop tells its end.
                }
            } else if (channel instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            }
        }

        /** What is written still goes out, but a peer that takes nothing does not hold the connection for ever. */
        private void flushAndClose() {
            ChannelFuture flushed = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
            if (!flushed.isDone()) {
                var check = channel.eventLoop()
                        .scheduleWithFixedDelay(new LastFlush(channel), STALLED_FLUSH_SECONDS, STALLED_FLUSH_SECONDS, TimeUnit.SECONDS);
                channel.closeFuture().addListener(closed -> check.cancel(false));
            }
            flushed.addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            inputEnded |= outputEnded;
            end(inputEnded && other.inputEnded ? null : name);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            end(name);
        }
    }

    /** Closes a connection whose peer has taken nothing since the last look; one that takes its tail slowly may. */
    private static final class LastFlush implements Runnable {
        private final Channel channel;
        private long pending;

        LastFlush(Channel channel) {
            this.channel = channel;
            pending = pending();
        }

        private long pending() {
            var out = channel.unsafe().outboundBuffer();
            return out == null ? 0 : out.totalPendingWriteBytes() - out.currentProgress();
        }

        @Override
        public void run() {
            long now = pending();
            if (now >= pending) {
                channel.close();
            }
            pending = now;
        }
    }
}
