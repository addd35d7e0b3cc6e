package dev.outrider.proxy.http1;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection so that the peer can still read what was sent: stop sending, wait for the peer's own end for a while, then close
 * (RFC 9112 §9.6, Envoy's delayed_close_timeout). Loop-confined.
 */
final class LingeringClose {

    private final ChannelHandlerContext context;
    private final long nanos;
    private @Nullable Future<?> timer;

    LingeringClose(ChannelHandlerContext context, long nanos) {
        this.context = context;
        this.nanos = nanos;
    }

    void start() {
        if (nanos > 0 && context.channel() instanceof DuplexChannel duplex && context.pipeline().get(SslHandler.class) == null) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> {
                if (!duplex.isActive()) {
                    return;
                }
                duplex.shutdownOutput();
                timer = context.executor().schedule(() -> context.close(), nanos, TimeUnit.NANOSECONDS);
            });
        } else {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> context.close());
        }
    }

    void cancel() {
        Future<?> waiting = timer;
        if (waiting != null) {
            waiting.cancel(false);
        }
    }
}
