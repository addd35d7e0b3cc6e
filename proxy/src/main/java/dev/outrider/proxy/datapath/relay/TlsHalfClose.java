package dev.outrider.proxy.datapath.relay;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Lets a TLS connection end one direction at a time (RFC 8446 §6.1), as Envoy does: a peer's close_notify becomes an end of input while
 * our data still goes out. BoringSSL can; Netty's engine answers by closing both directions unless it believes to have done so already, which
 * only a private field tells it. Where that cannot be reached, a close_notify ends both directions, after all that came before it. On the
 * connection's loop, after the handshake.
 */
public final class TlsHalfClose extends ChannelInboundHandlerAdapter {

    private static final String NAME = "half-close";
    private static final @Nullable VarHandle RECEIVED_SHUTDOWN = find();

    private final ReferenceCountedOpenSslEngine engine;
    private boolean ended;

    private TlsHalfClose(ReferenceCountedOpenSslEngine engine) {
        this.engine = engine;
    }

    private static @Nullable VarHandle find() {
        try {
            Class<?> type = ReferenceCountedOpenSslEngine.class;
            return MethodHandles.privateLookupIn(type, MethodHandles.lookup()).findVarHandle(type, "receivedShutdown", boolean.class);
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /** Before a server's handshake: the client's close_notify may come in one read with the end of it. {@link #settle} must follow. */
    public static void prepare(SslHandler tls) {
        if (RECEIVED_SHUTDOWN != null && tls.engine() instanceof ReferenceCountedOpenSslEngine engine) {
            synchronized (engine) {
                RECEIVED_SHUTDOWN.set(engine, true);
            }
        }
    }

    /** After the handshake: where nobody asked for half-closing, a close_notify ends both directions again. */
    public static void settle(ChannelPipeline pipeline, SslHandler tls) {
        if (RECEIVED_SHUTDOWN != null && pipeline.get(NAME) == null && tls.engine() instanceof ReferenceCountedOpenSslEngine engine) {
            synchronized (engine) {
                RECEIVED_SHUTDOWN.set(engine, false);
            }
        }
    }

    /** Does nothing on a connection without TLS, or done before. */
    public static void install(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        SslHandler tls = pipeline.get(SslHandler.class);
        if (tls == null || RECEIVED_SHUTDOWN == null || pipeline.get(NAME) != null
                || !(tls.engine() instanceof ReferenceCountedOpenSslEngine engine)) {
            return;
        }
        synchronized (engine) {
            if (engine.sslPointer() == 0 || engine.isInboundDone()) {
                return;
            }
            RECEIVED_SHUTDOWN.set(engine, true);
        }
        pipeline.addAfter(pipeline.context(tls).name(), NAME, new TlsHalfClose(engine));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        ctx.fireChannelReadComplete();
        if (ended || !closeNotifyReceived()) {
            return;
        }
        ended = true;
        // What follows a close_notify means nothing, and nobody reads it.
        SslHandler tls = ctx.pipeline().get(SslHandler.class);
        if (tls != null) {
            ctx.pipeline().addBefore(ctx.pipeline().context(tls).name(), "after-end", new Discard());
        }
        ctx.fireUserEventTriggered(SslCloseCompletionEvent.SUCCESS);
    }

    private boolean closeNotifyReceived() {
        synchronized (engine) {
            long ssl = engine.sslPointer();
            return ssl != 0 && (SSL.getShutdown(ssl) & SSL.SSL_RECEIVED_SHUTDOWN) != 0;
        }
    }

    /** Says close_notify after all that was written. The future: it is on its way. */
    static ChannelFuture endOutput(Channel channel) {
        TlsHalfClose here = channel.pipeline().get(TlsHalfClose.class);
        ChannelFuture written = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
        if (here == null) {
            return written;
        }
        var said = channel.newPromise();
        written.addListener(f -> {
            if (f.isSuccess() && here.sayCloseNotify()) {
                channel.writeAndFlush(Unpooled.EMPTY_BUFFER, said);
            } else if (f.isSuccess()) {
                said.setSuccess();
            } else {
                said.setFailure(f.cause());
            }
        });
        return said;
    }

    private boolean sayCloseNotify() {
        synchronized (engine) {
            long ssl = engine.sslPointer();
            if (ssl == 0 || (SSL.getShutdown(ssl) & SSL.SSL_SENT_SHUTDOWN) != 0) {
                return false;
            }
            if (SSL.shutdownSSL(ssl) < 0) {
                SSL.clearError();
            }
            return true;
        }
    }

    private static final class Discard extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ReferenceCountUtil.release(message);
        }
    }
}
