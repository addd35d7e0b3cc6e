package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.datapath.filterchain.Chain;
import dev.outrider.proxy.datapath.filterchain.ChainTls;
import dev.outrider.proxy.datapath.relay.TlsHalfClose;
import dev.outrider.proxy.failure.TransportFailure;
import dev.outrider.proxy.identity.TlsSide;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.security.cert.CertificateException;

/** Waits behind the TLS handler for the handshake, then installs the chain's program and leaves. One per connection, on its loop. */
final class ServerHandshake extends ChannelInboundHandlerAdapter {

    private final DownstreamConnection connection;
    private final Chain chain;
    private final ChainTls tls;
    private final SslHandler handler;
    private final ListenerStats stats;
    private final Connections connections;
    private boolean failed;

    ServerHandshake(
            DownstreamConnection connection, Chain chain, ChainTls tls, SslHandler handler, ListenerStats stats, Connections connections) {
        this.connection = connection;
        this.chain = chain;
        this.tls = tls;
        this.handler = handler;
        this.stats = stats;
        this.connections = connections;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (!(event instanceof SslHandshakeCompletionEvent completion)) {
            ctx.fireUserEventTriggered(event);
        } else if (completion.isSuccess()) {
            stats.handshakes.inc();
            if (TlsSide.resumed(handler)) {
                stats.sessionsReused.inc();
            }
            connection.tls(tls.peer(handler));
            ChannelPipeline pipeline = ctx.pipeline();
            chain.program().install(connection, pipeline);
            TlsHalfClose.settle(pipeline, handler);
            pipeline.remove(this);
            connections.installed(ctx.channel());
        } else {
            fail(ctx, completion.cause());
        }
    }

    private void fail(ChannelHandlerContext ctx, Throwable cause) {
        if (!failed) {
            failed = true;
            stats.connectionErrors.inc();
            for (Throwable at = cause; at != null; at = at.getCause()) {
                if (at instanceof CertificateException) {
                    stats.verifyErrors.inc();
                    break;
                }
            }
            connection.transportFailure(TransportFailure.ofTls(cause));
            ctx.close();
            chain.program().handshakeFailed(connection);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        // Nothing is plaintext before the handshake is done; afterwards this handler is gone.
        ((ByteBuf) message).release();
        ctx.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(ctx, cause);
    }
}
