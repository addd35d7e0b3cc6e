package dev.outrider.dns.server;

import dev.outrider.dns.query.DnsMetrics;
import dev.outrider.dns.query.Outcome;
import dev.outrider.dns.query.QueryEngine;
import dev.outrider.dns.query.ReplyTarget;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Questions over one TCP connection (RFC 7766): pipelined, each answered when its answer is here, whatever the order. Bounded in questions,
 * in time per message, in idle time and in unread replies: while those fill the socket's buffer, further questions wait unparsed.
 * Confined to the DNS loop.
 */
public final class TcpServerHandler extends ChannelInboundHandlerAdapter implements ReplyTarget {

    static final int MAX_QUERIES = 100;
    static final long MESSAGE_NANOS = 2_000_000_000L;
    static final long IDLE_NANOS = 10_000_000_000L;

    /** No acceptable question is longer; what announces more is no client of ours. */
    static final int MAX_MESSAGE = 4096;

    private final QueryEngine engine;
    private final AccessList access;
    private final TcpConnections connections;
    private final LongSupplier clock;
    private final Channel channel;
    private final byte[] message = new byte[MAX_MESSAGE];
    private InetAddress peer = InetAddress.getLoopbackAddress();
    private @Nullable ScheduledFuture<?> timer;
    private final ArrayDeque<ByteBuf> unparsed = new ArrayDeque<>(1);
    private boolean parsing;
    private boolean entered;
    private boolean halfClosed;
    private boolean inputOver;
    private int lengthBytes;
    private int expected;
    private int received;
    private int queries;
    private int outstanding;
    private long messageStarted;
    private long lastActivity;

    public TcpServerHandler(QueryEngine engine, AccessList access, TcpConnections connections, LongSupplier nanoClock, Channel channel) {
        this.engine = engine;
        this.access = access;
        this.connections = connections;
        this.clock = nanoClock;
        this.channel = channel;
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        if (channel.remoteAddress() instanceof InetSocketAddress remote) {
            peer = remote.getAddress();
        }
        boolean allowed = !(channel.localAddress() instanceof InetSocketAddress bound) || access.allows(bound.getAddress(), peer);
        if (!allowed) {
            engine.metrics().count(DnsMetrics.Event.FORBIDDEN);
        }
        entered = allowed && connections.enter(peer);
        if (!entered) {
            ctx.close();
            return;
        }
        lastActivity = clock.getAsLong();
        timer = ctx.executor().scheduleWithFixedDelay(this::checkTime, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inputOver = true;
        discard();
        if (timer != null) {
            timer.cancel(false);
        }
        if (entered) {
            entered = false;
            connections.leave(peer);
        }
    }

    private void checkTime() {
        long now = clock.getAsLong();
        boolean inMessage = lengthBytes > 0;
        // A client that does not read its replies is idle too, however many it still has to get.
        if (inMessage && now - messageStarted > MESSAGE_NANOS || now - lastActivity > IDLE_NANOS) {
            channel.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object part) {
        unparsed.add((ByteBuf) part);
        parse();
    }

    /** Takes what came, as long as the client takes its replies. */
    private void parse() {
        if (parsing) {
            return;
        }
        parsing = true;
        while (!unparsed.isEmpty() && !inputOver && writable()) {
            ByteBuf in = unparsed.element();
            if (in.isReadable()) {
                take(in);
            } else {
                unparsed.remove().release();
            }
        }
        parsing = false;
        if (inputOver) {
            discard();
        } else if (halfClosed && unparsed.isEmpty()) {
            inputOver = true;
            closeAfterLast();
        }
        channel.flush();
        channel.config().setAutoRead(!inputOver && unparsed.isEmpty());
    }

    private boolean writable() {
        if (!channel.isWritable()) {
            channel.flush();
        }
        return channel.isWritable();
    }

    private void discard() {
        while (!unparsed.isEmpty()) {
            unparsed.remove().release();
        }
    }

    private void take(ByteBuf in) {
        if (lengthBytes < 2) {
            if (lengthBytes++ == 0) {
                messageStarted = clock.getAsLong();
                expected = in.readUnsignedByte() << 8;
                return;
            }
            expected |= in.readUnsignedByte();
            received = 0;
            if (expected > MAX_MESSAGE || expected < 12) {
                engine.metrics().count(DnsMetrics.Event.DROPPED);
                stop();
                channel.close();
            }
            return;
        }
        int bytes = Math.min(in.readableBytes(), expected - received);
        in.readBytes(message, received, bytes);
        received += bytes;
        if (received == expected) {
            lengthBytes = 0;
            lastActivity = clock.getAsLong();
            outstanding++;
            if (++queries == MAX_QUERIES) {
                stop();
            }
            engine.handle(message, expected, this);
        }
    }

    /** Takes no more questions; the connection closes with its last reply. */
    private void stop() {
        inputOver = true;
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable() && !inputOver) {
            parse();
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        discard();
    }

    @Override
    public void reply(byte[] bytes, int length, Outcome outcome) {
        outstanding--;
        if (!channel.isActive()) {
            return;
        }
        lastActivity = clock.getAsLong();
        ByteBuf out = channel.alloc().ioBuffer(length + 2).writeShort(length).writeBytes(bytes, 0, length);
        channel.write(out, channel.voidPromise());
        if (!parsing) {
            channel.flush();
        }
        closeAfterLast();
    }

    private void closeAfterLast() {
        if (inputOver && outstanding == 0) {
            // Behind the replies, so that they are sent first.
            channel.writeAndFlush(channel.alloc().buffer(0)).addListener(f -> channel.close());
        }
    }

    @Override
    public void dropped() {
        outstanding--;
        stop();
        channel.close();
    }

    @Override
    public boolean stream() {
        return true;
    }

    @Override
    public InetAddress peer() {
        return peer;
    }

    @Override
    public ReplyTarget detach() {
        return this;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            halfClosed = true;
            parse();
        } else {
            ctx.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
