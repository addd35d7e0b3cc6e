package dev.outrider.proxy.datapath.protocol.tcp;

import dev.outrider.proxy.connection.ConnectionProgram;
import dev.outrider.proxy.connection.ConnectionWatcher;
import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.connection.XxHash64;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.proxy.datapath.relay.MetadataExchangeHandler;
import dev.outrider.proxy.datapath.relay.TcpRelay;
import dev.outrider.proxy.datapath.relay.TlsHalfClose;
import dev.outrider.proxy.datapath.upstream.Connector;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One TCP connection through the proxy. Connects upstream at once, before the client has said anything (server-first protocols), then relays.
 * It stays in the client's pipeline for events; chunks pass it by.
 */
final class TcpSession extends ChannelInboundHandlerAdapter implements Connector.Waiter {

    private final TcpProxyProgram program;
    private final DownstreamConnection connection;
    private final Channel downstream;
    private final StreamInfo info;
    private final List<ScheduledFuture<?>> timers = new ArrayList<>(2);
    private final Early early = new Early();
    private Connector.@Nullable Attempt attempt;
    private @Nullable ClusterState cluster;
    private @Nullable Host host;
    private @Nullable TcpRelay relay;
    private @Nullable Channel upstream;
    private int attempts;
    private boolean over;

    TcpSession(TcpProxyProgram program, DownstreamConnection connection) {
        this.program = program;
        this.connection = connection;
        this.downstream = connection.channel();
        info = new StreamInfo(connection);
        info.startMillis = connection.startMillis();
        info.startNanos = connection.startNanos();
        info.remote = connection.directRemote();
        program.stats.total.inc();
        program.stats.active.inc();
    }

    /** Closes without ever reaching an upstream. */
    void refuse(String details) {
        info.connectionTerminationDetails = details;
        connection.terminationDetails(details);
        finish();
    }

    void begin() {
        downstream.pipeline().addLast("early", early);
        // From the start: a client may send all it has and its FIN before the upstream connection stands.
        downstream.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        TlsHalfClose.install(downstream);
        String name = program.chooseCluster();
        ClusterState found = program.parts.clusters().cluster(name);
        if (found == null) {
            program.stats.noRoute.inc();
            fail(ResponseFlag.NC, "");
            return;
        }
        info.upstreamCluster = name;
        cluster = found;
        info.upstreamClusterMetadata = found.model().metadata();
        long most = program.config.maxConnectionDurationNanos();
        if (most > 0) {
            timer(() -> {
                program.stats.maxDuration.inc();
                fail(ResponseFlag.DT, "");
            }, most);
        }
        connect(found);
    }

    private void connect(ClusterState to) {
        if (attempts++ >= Math.max(1, program.config.maxConnectAttempts())) {
            to.stats().upstreamCxConnectAttemptsExceeded.inc();
            info.flag(ResponseFlag.URX);
            fail(ResponseFlag.UF, "");
            return;
        }
        Host picked = to.pick(new PickContext(sourceHash(), connection.destination(), List.of(), 0, Map.of()));
        if (picked == null) {
            fail(ResponseFlag.UH, "");
            return;
        }
        if (!picked.origin().limits().tryConnection()) {
            fail(ResponseFlag.UO, "");
            return;
        }
        to.stats().upstreamRqTotal.inc();
        host = picked;
        info.attempts = attempts;
        picked.begin();
        info.upstreamHostName = picked.endpoint().hostname();
        info.upstreamHostMetadata = picked.endpoint().metadata();
        info.upstreamHostText = picked.address().toString();
        if (picked.origin().addresses().getFirst() instanceof InetSocketAddress address) {
            info.upstreamHost = address;
        }
        int turn = attempts;
        Connector.Attempt begun = program.parts.connector().connect(picked.origin(), downstream.eventLoop(), List.of(), "", this);
        if (turn == attempts && host == picked && relay == null && !over) {
            attempt = begun;
        }
    }

    private @Nullable Long sourceHash() {
        if (!program.config.hashSourceIp()) {
            return null;
        }
        return XxHash64.hash(connection.directRemote().getAddress().getHostAddress().getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void onFailure(StreamReset reason, String details) {
        attempt = null;
        info.upstreamTransportFailure = details;
        Host failed = host;
        ClusterState to = cluster;
        if (failed == null || to == null) {
            return;
        }
        host = null;
        failed.end(false);
        failed.connectFailed();
        failed.origin().limits().releaseConnection();
        to.report(failed, -1);
        connect(to);
    }

    @Override
    public void onConnected(Channel channel, @Nullable TlsPeer tls) {
        attempt = null;
        Host connected = host;
        ClusterState to = cluster;
        if (over || connected == null || to == null) {
            channel.close();
            return;
        }
        upstream = channel;
        connected.origin().limits().connectedTcp();
        to.report(connected, 200);
        info.upstreamTls = tls;
        info.upstreamTransportFailure = "";
        if (channel.localAddress() instanceof InetSocketAddress local) {
            info.upstreamLocal = local;
        }
        if (channel.remoteAddress() instanceof InetSocketAddress remote) {
            info.upstreamHost = remote;
        }
        channel.pipeline().addLast("peer", new UpstreamPeer());
        var both = new TcpRelay(downstream, channel, info, this::relayEnded);
        relay = both;
        both.start();
        early.release();
        watchIdle();
        program.watchers.forEach(w -> w.onOpened(info));
        if (program.reportNanos > 0) {
            var report = downstream.eventLoop().scheduleWithFixedDelay(
                    () -> program.watchers.forEach(w -> w.onProgress(info)), program.reportNanos, program.reportNanos, TimeUnit.NANOSECONDS);
            timers.add(report);
        }
    }

    private void relayEnded(TcpRelay.@Nullable Lost lost) {
        Host used = host;
        if (used != null) {
            used.origin().limits().closed(lost == TcpRelay.Lost.UPSTREAM, false);
        }
        if (lost == TcpRelay.Lost.UPSTREAM) {
            info.flag(ResponseFlag.UR);
        }
        finish();
    }

    private void watchIdle() {
        long idle = program.config.idleTimeoutNanos();
        if (idle > 0) {
            timer(new Idle(idle), idle);
        }
    }

    /** Checks when the limit could have been reached, so that traffic costs no timer work. */
    private final class Idle implements Runnable {
        private final long limit;

        Idle(long limit) {
            this.limit = limit;
        }

        @Override
        public void run() {
            TcpRelay running = relay;
            if (over || running == null) {
                return;
            }
            long left = limit - (System.nanoTime() - running.lastActivityNanos());
            if (left > 0) {
                timer(this, left);
            } else {
                program.stats.idleTimeout.inc();
                closeRelay(running);
            }
        }
    }

    private void timer(Runnable task, long nanos) {
        timers.removeIf(ScheduledFuture::isDone);
        timers.add(downstream.eventLoop().schedule(task, nanos, TimeUnit.NANOSECONDS));
    }

    private void closeRelay(TcpRelay running) {
        running.close();
        relayEnded(null);
    }

    private void fail(ResponseFlag flag, String details) {
        info.flag(flag);
        connection.flag(flag);
        info.connectionTerminationDetails = details;
        TcpRelay running = relay;
        if (running == null) {
            finish();
        } else {
            closeRelay(running);
        }
    }

    /** The connection's one end: releases what it held and writes its record. */
    private void finish() {
        if (over) {
            return;
        }
        over = true;
        timers.forEach(t -> t.cancel(false));
        Connector.Attempt open = attempt;
        if (open != null) {
            open.cancel();
        }
        early.drop();
        Host used = host;
        if (used != null) {
            used.end(upstream != null);
            used.origin().limits().releaseConnection();
            used.origin().limits().bytes(info.upstreamBytesReceived, info.upstreamBytesSent);
        }
        program.stats.active.dec();
        program.stats.received.add(info.bytesReceived);
        program.stats.sent.add(info.bytesSent);
        connection.addWire(info.bytesReceived, info.bytesSent);
        info.endNanos = System.nanoTime();
        for (ConnectionWatcher watcher : program.watchers) {
            watcher.onClosed(info);
        }
        if (relay == null) {
            downstream.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (relay == null) {
            if (!over) {
                info.flag(ResponseFlag.DC);
                connection.flag(ResponseFlag.DC);
            }
            finish();
        }
        ctx.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (relay == null) {
            ctx.close();
        } else {
            ctx.fireExceptionCaught(cause);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        switch (event) {
            case MetadataExchangeHandler.PeerFound found -> info.downstreamPeer = found.peer();
            case ConnectionProgram.Drainable.Drain drain -> {
                if (!over && drain.cause() != ConnectionProgram.Drainable.Cause.UNHEALTHY) {
                    timer(() -> fail(ResponseFlag.LR, "drained"), drain.drainNanos());
                }
            }
            default -> ctx.fireUserEventTriggered(event);
        }
    }

    /** Keeps what the client says before the upstream connection stands. Reading is off, so that is what TLS had buffered, or what came with a FIN. */
    private final class Early extends ChannelInboundHandlerAdapter {
        private final List<ByteBuf> held = new ArrayList<>(1);
        private @Nullable ChannelHandlerContext context;
        private boolean ended;
        private boolean inputEnded;

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            context = ctx;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (over) {
                ((ByteBuf) message).release();
            } else {
                held.add((ByteBuf) message);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            inputEnded |= event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent;
            ctx.fireUserEventTriggered(event);
        }

        /** The relay's handler is next: gives it what was held and leaves. */
        void release() {
            ChannelHandlerContext ctx = context;
            if (ctx == null || ended) {
                return;
            }
            ended = true;
            held.forEach(ctx::fireChannelRead);
            held.clear();
            ctx.fireChannelReadComplete();
            if (inputEnded) {
                ctx.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            }
            ctx.pipeline().remove(this);
        }

        void drop() {
            held.forEach(ByteBuf::release);
            held.clear();
        }
    }

    /** What the upstream's metadata exchange tells. */
    private final class UpstreamPeer extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            if (event instanceof MetadataExchangeHandler.PeerFound found) {
                info.upstreamPeer = found.peer();
            } else {
                ctx.fireUserEventTriggered(event);
            }
        }
    }
}
