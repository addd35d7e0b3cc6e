package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.filterchain.Chain;
import dev.outrider.proxy.datapath.filterchain.ChainTls;
import dev.outrider.proxy.datapath.filterchain.HttpInspector;
import dev.outrider.proxy.datapath.filterchain.Inspector;
import dev.outrider.proxy.datapath.filterchain.TlsInspector;
import dev.outrider.proxy.datapath.origdst.OriginalDestinationSource;
import dev.outrider.proxy.datapath.relay.TlsHalfClose;
import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Listener.ListenerFilter.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Takes one accepted connection through the first four stages: original destination, hand-over to that destination's listener, inspection
 * of the first bytes, choice of the chain, TLS. Then the chain's program is installed, what was read is replayed to it, and this handler
 * leaves. One per connection, on its loop.
 */
final class Intake extends ChannelInboundHandlerAdapter {

    /** Clients that never finish a handshake must not hold connections: Istio's own bound where a chain sets none. */
    private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(15);

    private final OriginalDestinationSource destinations;
    private final HandOff handOff;
    private final DownstreamConnection connection;
    private final Deque<Inspector> inspectors = new ArrayDeque<>(2);
    private LiveListener listener;
    private @Nullable ByteBuf seen;
    private @Nullable ScheduledFuture<?> timeout;
    private boolean decided;

    Intake(LiveListener listener, DownstreamConnection connection, OriginalDestinationSource destinations, HandOff handOff) {
        this.listener = listener;
        this.connection = connection;
        this.destinations = destinations;
        this.handOff = handOff;
    }

    /** The connection is established and its addresses are known. */
    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        restoreDestination(ctx.channel());
        count(ctx.channel());
        Listener model = listener.model();
        int port = connection.destination().getPort();
        for (Listener.ListenerFilter filter : model.listenerFilters()) {
            if (!listener.looks(filter, port)) {
                continue;
            }
            if (filter.kind() == Kind.TLS_INSPECTOR) {
                inspectors.add(new TlsInspector());
            } else if (filter.kind() == Kind.HTTP_INSPECTOR) {
                inspectors.add(new HttpInspector());
            }
        }
        if (inspectors.isEmpty()) {
            choose(ctx);
            return;
        }
        listener.stats().preActive.inc();
        if (model.filtersTimeoutNanos() > 0) {
            timeout = ctx.executor().schedule(() -> timedOut(ctx), model.filtersTimeoutNanos(), TimeUnit.NANOSECONDS);
        }
        ctx.read();
    }

    private void restoreDestination(Channel channel) {
        if (!listener.restoresDestination()) {
            return;
        }
        InetSocketAddress original = destinations.originalDestination(channel);
        if (original == null) {
            return;
        }
        connection.restoreDestination(original);
        LiveListener other = handOff.successor(listener, original);
        if (other != listener) {
            listener = other;
            connection.handOver(other.model());
        }
    }

    /** From here to its end the connection belongs to the listener that serves it. */
    private void count(Channel channel) {
        LiveListener owner = listener;
        owner.stats().total.inc();
        owner.stats().active.inc();
        owner.connections().enter(channel);
        channel.closeFuture().addListener(closed -> {
            owner.connections().leave(channel);
            owner.stats().active.dec();
            owner.stats().destroyed.inc();
            owner.stats().lengthMs.record(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - connection.startNanos()));
            if (!owner.model().accessLogs().isEmpty()) {
                owner.log().onClosed(record());
            }
        });
    }

    private StreamInfo record() {
        var info = new StreamInfo(connection);
        info.startMillis = connection.startMillis();
        info.startNanos = connection.startNanos();
        info.endNanos = System.nanoTime();
        info.flags = connection.flags();
        info.connectionTerminationDetails = connection.terminationDetails();
        info.responseCodeDetails = connection.terminationDetails();
        info.remote = connection.directRemote();
        info.bytesReceived = connection.wireRead();
        info.bytesSent = connection.wireWritten();
        return info;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (decided) {
            ctx.fireChannelRead(bytes);
            return;
        }
        ByteBuf before = seen;
        seen = before == null ? bytes : append(ctx, before, bytes);
        inspect(ctx);
    }

    private static ByteBuf append(ChannelHandlerContext ctx, ByteBuf before, ByteBuf bytes) {
        ByteBuf all = before;
        if (before.isReadOnly() || before.writableBytes() < bytes.readableBytes()) {
            all = ctx.alloc().buffer(Math.max(1024, 2 * (before.readableBytes() + bytes.readableBytes()))).writeBytes(before);
            before.release();
        }
        all.writeBytes(bytes);
        bytes.release();
        return all;
    }

    private void inspect(ChannelHandlerContext ctx) {
        while (!inspectors.isEmpty()) {
            ByteBuf soFar = seen;
            Inspector.Verdict verdict = soFar == null ? Inspector.Verdict.MORE : inspectors.getFirst().inspect(soFar, connection);
            switch (verdict) {
                case MORE -> {
                    ctx.read();
                    return;
                }
                case REFUSED -> {
                    end(ctx, "client_hello_too_large");
                    return;
                }
                case DONE -> inspectors.removeFirst();
            }
        }
        inspected();
        choose(ctx);
    }

    private void inspected() {
        listener.stats().preActive.dec();
        ScheduledFuture<?> timer = timeout;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void timedOut(ChannelHandlerContext ctx) {
        if (decided) {
            return;
        }
        listener.stats().preTimeout.inc();
        if (listener.model().continueOnFiltersTimeout()) {
            inspectors.clear();
            inspected();
            choose(ctx);
        } else {
            end(ctx, "");
        }
    }

    private void choose(ChannelHandlerContext ctx) {
        Chain chain = listener.chain(connection);
        if (chain == null) {
            listener.stats().noFilterChain.inc();
            connection.flag(ResponseFlag.NR);
            end(ctx, "filter_chain_not_found");
            return;
        }
        decided = true;
        connection.filterChainName(chain.model().name());
        listener.connections().serve(ctx.channel(), chain.model());
        ChainTls any = chain.tls();
        ChainTls tls = any == null ? null : any.at(connection.destination().getPort());
        if (tls == null) {
            chain.program().install(connection, ctx.pipeline());
            listener.connections().installed(ctx.channel());
        } else if (!secure(ctx, chain, tls)) {
            return;
        }
        replay(ctx, tls != null);
    }

    private boolean secure(ChannelHandlerContext ctx, Chain chain, ChainTls tls) {
        try {
            SslHandler handler = tls.handler(ctx.alloc());
            TlsHalfClose.prepare(handler);
            long limit = chain.model().transportConnectTimeoutNanos();
            handler.setHandshakeTimeoutMillis(TimeUnit.NANOSECONDS.toMillis(limit == 0 ? HANDSHAKE_NANOS : limit));
            ctx.pipeline().addLast("tls", handler).addLast("handshake",
                    new ServerHandshake(connection, chain, tls, handler, listener.stats(), listener.connections()));
            return true;
        } catch (UpstreamTls.SecretMissing e) {
            connection.transportFailure("TLS error: Secret is not supplied by SDS: " + e.getMessage());
            listener.stats().connectionErrors.inc();
            end(ctx, "secret_missing");
            return false;
        }
    }

    /** Gives what was read to the handlers that were just installed, then leaves. */
    private void replay(ChannelHandlerContext ctx, boolean readOn) {
        ByteBuf bytes = seen;
        seen = null;
        if (bytes != null) {
            ctx.fireChannelRead(bytes);
            ctx.fireChannelReadComplete();
        }
        ctx.pipeline().remove(this);
        if (readOn) {
            ctx.channel().read();
        }
    }

    private void end(ChannelHandlerContext ctx, String details) {
        if (!inspectors.isEmpty()) {
            inspectors.clear();
            inspected();
        }
        decided = true;
        connection.terminationDetails(details);
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (!decided) {
            decided = true;
            if (!inspectors.isEmpty()) {
                inspectors.clear();
                inspected();
            }
            connection.flag(ResponseFlag.DC);
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        ByteBuf left = seen;
        seen = null;
        if (left != null) {
            left.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
