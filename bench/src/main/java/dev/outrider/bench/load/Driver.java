package dev.outrider.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Decides when calls are made: the next one when one is done (closed loop), or at fixed times (open loop), where a call that finds nobody free waits
 * and its wait counts. {@link #run} on any thread but the loop; all else on the loop.
 */
final class Driver {

    /** For what is under way when the time is over. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(2);

    /** For connecting, before the time begins. */
    private static final long SETUP_SECONDS = 20;

    private static final int CONNECT_MILLIS = 5_000;

    private final EventLoop loop;
    private final LoadSpec spec;
    private final Tally tally = new Tally();
    private final List<Caller> callers = new ArrayList<>();
    private final ArrayDeque<Caller> idle = new ArrayDeque<>();
    private final ArrayDeque<Long> waiting = new ArrayDeque<>();
    private final CompletableFuture<LoadReply> over = new CompletableFuture<>();
    private boolean begun;
    private long startNanos;
    private long endNanos;
    private long lastNanos;
    private long scheduled;
    private int underWay;
    private int refused;

    Driver(EventLoopGroup group, LoadSpec spec) {
        this.loop = group.next();
        this.spec = spec;
    }

    LoadReply run() {
        loop.execute(this::open);
        try {
            return over.get(SETUP_SECONDS + (long) Math.ceil(spec.seconds()) + TimeUnit.NANOSECONDS.toSeconds(GRACE_NANOS), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(String.valueOf(e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("only " + callers.size() + " of " + spec.connections() + " connections to port " + spec.port() + " came about", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void open() {
        for (int i = 0; i < spec.connections(); i++) {
            if (spec.kind() == LoadSpec.Kind.CONNECT) {
                ready(new ConnectCaller(this));
            } else {
                connect(spec.kind() == LoadSpec.Kind.GRPC ? new GrpcCaller(this) : new HttpCaller(this));
            }
        }
    }

    /** A connection of this load, whose handler reports to this driver. */
    void connect(ChannelHandler handler) {
        bootstrap(loop).handler(handler).connect(InetAddress.getLoopbackAddress(), spec.port()).addListener(connected -> {
            if (!connected.isSuccess() && ++refused == spec.connections()) {
                over.completeExceptionally(connected.cause());
            }
        });
    }

    static Bootstrap bootstrap(EventLoopGroup loop) {
        return new Bootstrap()
                .group(loop)
                .channel(EpollSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS);
    }

    /** A caller is connected and may be used, for as many calls at a time as the load says. */
    void ready(Caller caller) {
        callers.add(caller);
        for (int i = 0; i < spec.streams(); i++) {
            idle.add(caller);
        }
        if (!begun && callers.size() == spec.connections()) {
            begun = true;
            begin();
        } else if (begun) {
            supply();
        }
    }

    private void begin() {
        startNanos = System.nanoTime();
        lastNanos = startNanos;
        endNanos = startNanos + (long) (spec.seconds() * 1e9);
        loop.schedule(this::end, endNanos - startNanos, TimeUnit.NANOSECONDS);
        if (spec.rate() > 0) {
            tick();
        } else {
            supply();
        }
    }

    private void tick() {
        long interval = TimeUnit.SECONDS.toNanos(1) / spec.rate();
        long now = System.nanoTime();
        long due = startNanos + scheduled * interval;
        while (due <= now && due < endNanos) {
            waiting.add(due);
            scheduled++;
            due = startNanos + scheduled * interval;
        }
        supply();
        if (due < endNanos) {
            loop.schedule(this::tick, Math.max(0, due - System.nanoTime()), TimeUnit.NANOSECONDS);
        }
    }

    /** Gives every free caller what it may do now. */
    private void supply() {
        while (begun && !idle.isEmpty()) {
            long now = System.nanoTime();
            boolean closed = spec.rate() == 0;
            if (closed ? now >= endNanos : waiting.isEmpty()) {
                return;
            }
            Caller caller = idle.removeFirst();
            if (caller.open()) {
                underWay++;
                caller.call(closed ? now : waiting.removeFirst());
            }
        }
    }

    /** A call has its whole answer, or will get none. */
    void done(Caller caller, long dueNanos, boolean ok) {
        lastNanos = System.nanoTime();
        underWay--;
        if (ok) {
            tally.completed(lastNanos - dueNanos);
        } else {
            tally.failed(lastNanos - dueNanos);
        }
        if (caller.open()) {
            idle.addLast(caller);
        }
        if (begun) {
            supply();
        }
        if (underWay == 0 && lastNanos >= endNanos) {
            finish();
        }
    }

    /** A connection has gone: another takes its place. */
    void lost(Caller caller) {
        if (!over.isDone() && callers.remove(caller)) {
            if (caller instanceof ChannelHandler) {
                connect(caller instanceof GrpcCaller ? new GrpcCaller(this) : new HttpCaller(this));
            }
        }
    }

    private void end() {
        if (underWay == 0 && waiting.isEmpty()) {
            finish();
        } else {
            loop.schedule(this::finish, GRACE_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    private void finish() {
        if (over.isDone()) {
            return;
        }
        long now = System.nanoTime();
        for (long due : waiting) {
            tally.failed(now - due);
        }
        for (int i = 0; i < underWay; i++) {
            tally.failed(GRACE_NANOS);
        }
        over.complete(tally.reply(Math.max(lastNanos, endNanos) - startNanos));
        callers.forEach(Caller::close);
    }

    EventLoop loop() {
        return loop;
    }

    int port() {
        return spec.port();
    }
}
