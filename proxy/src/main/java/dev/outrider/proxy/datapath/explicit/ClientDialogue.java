package dev.outrider.proxy.datapath.explicit;

import dev.outrider.proxy.datapath.cluster.HostResolver;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One client until it is on its way: speaks its protocol, finds the address of its target, gives it to the stages and leaves. Bounded in bytes
 * and time. The client is granted its wish before the target is connected to, as a captured one would be: one that refuses shows as a closed
 * connection. On the connection's loop.
 */
final class ClientDialogue extends ChannelInboundHandlerAdapter {

    private static final long LONGEST_SECONDS = 10;

    /** Of all clients. */
    record Counts(Counter total, Counter refused) {
        Counts(Stats stats) {
            this(stats.counter("explicit_port.downstream_cx_total"), stats.counter("explicit_port.downstream_cx_refused"));
        }
    }

    private final ExplicitPort.Way way;
    private final HostResolver names;
    private final Set<Integer> ownPorts;
    private final Counts counts;
    private @Nullable Dialogue dialogue;
    private @Nullable ByteBuf in;
    private @Nullable ScheduledFuture<?> limit;
    private boolean asked;

    ClientDialogue(ExplicitPort.Way way, HostResolver names, Set<Integer> ownPorts, Counts counts) {
        this.way = way;
        this.names = names;
        this.ownPorts = ownPorts;
        this.counts = counts;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        counts.total.inc();
        if (!way.enter(ctx.channel())) {
            counts.refused.inc();
            ctx.close();
            return;
        }
        limit = ctx.executor().schedule(() -> ctx.close(), LONGEST_SECONDS, TimeUnit.SECONDS);
        ctx.read();
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        ByteBuf before = in;
        if (before == null) {
            in = bytes;
        } else {
            in = ctx.alloc().buffer(before.readableBytes() + bytes.readableBytes()).writeBytes(before).writeBytes(bytes);
            before.release();
            bytes.release();
        }
        if (!asked) {
            read(ctx);
        }
    }

    private void read(ChannelHandlerContext ctx) {
        ByteBuf sofar = in;
        if (sofar == null || !sofar.isReadable()) {
            ctx.read();
            return;
        }
        Dialogue spoken = dialogue;
        if (spoken == null) {
            spoken = sofar.getByte(sofar.readerIndex()) == Socks5.VERSION ? new Socks5() : new HttpConnect();
            dialogue = spoken;
        }
        ByteBuf out = ctx.alloc().buffer(16);
        Target target = null;
        Refusal.@Nullable Reason refusal = null;
        try {
            target = spoken.read(sofar, out);
            refusal = target == null && sofar.readableBytes() > Dialogue.MOST_BYTES ? Refusal.Reason.MALFORMED : null;
        } catch (Refusal e) {
            refusal = e.reason();
        }
        // Also ahead of a refusal: what was asked before it was answered.
        ctx.writeAndFlush(out);
        if (refusal != null) {
            refuse(ctx, refusal);
        } else if (target != null) {
            asked = true;
            find(ctx, target);
        } else {
            ctx.read();
        }
    }

    private void find(ChannelHandlerContext ctx, Target target) {
        InetAddress literal = target.literal();
        if (literal != null) {
            go(ctx, new InetSocketAddress(literal, target.port()));
            return;
        }
        names.resolve(target.host()).whenComplete((answer, failure) -> ctx.executor().execute(() -> {
            List<InetAddress> addresses = failure == null ? answer.addresses() : List.of();
            if (!ctx.channel().isActive()) {
                return;
            }
            if (addresses.isEmpty()) {
                refuse(ctx, Refusal.Reason.UNKNOWN_HOST);
            } else {
                go(ctx, new InetSocketAddress(addresses.getFirst(), target.port()));
            }
        }));
    }

    private void go(ChannelHandlerContext ctx, InetSocketAddress destination) {
        if (ownPorts.contains(destination.getPort()) && here(destination.getAddress())) {
            refuse(ctx, Refusal.Reason.OWN_PORT);
            return;
        }
        Dialogue spoken = dialogue;
        if (spoken == null || !way.take(ctx, destination)) {
            refuse(ctx, Refusal.Reason.NOT_READY);
            return;
        }
        stopWaiting();
        ctx.writeAndFlush(spoken.granted(ctx.alloc()));
        ctx.fireChannelActive();
        ByteBuf rest = in;
        in = null;
        if (rest != null && rest.isReadable()) {
            ctx.fireChannelRead(rest);
            ctx.fireChannelReadComplete();
        } else if (rest != null) {
            rest.release();
        }
        ctx.pipeline().remove(this);
    }

    private static boolean here(InetAddress address) {
        try {
            return address.isLoopbackAddress() || address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null;
        } catch (SocketException e) {
            return true;
        }
    }

    private void refuse(ChannelHandlerContext ctx, Refusal.Reason reason) {
        asked = true;
        counts.refused.inc();
        Dialogue spoken = dialogue;
        if (spoken == null) {
            ctx.close();
        } else {
            ctx.writeAndFlush(spoken.refused(ctx.alloc(), reason)).addListener(ChannelFutureListener.CLOSE);
        }
    }

    private void stopWaiting() {
        ScheduledFuture<?> timer = limit;
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        stopWaiting();
        ByteBuf left = in;
        in = null;
        if (left != null) {
            left.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
