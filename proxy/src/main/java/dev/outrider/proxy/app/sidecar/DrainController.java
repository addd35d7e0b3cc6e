package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Cause;
import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Drain;
import dev.outrider.proxy.datapath.DataPath;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How the process ends: it tells connections to end and waits until they have, accepting meanwhile, as whoever connects would otherwise wait
 * for the successor; then it takes nothing new, and is done as soon as nothing is in flight. Called from any thread; works on the control loop.
 */
public final class DrainController {

    /** Istio's terminationDrainDuration: a unit's stop should not wait for the 600 s that Envoy's own default says. */
    static final long MAX_EXIT_DRAIN_NANOS = TimeUnit.SECONDS.toNanos(5);

    /**
     * How long an HTTP/1 connection on which nothing is under way may wait for one more request, whose answer ends it: closed at once, it
     * would meet a request that is on its way.
     */
    static final long EXIT_SETTLE_NANOS = TimeUnit.SECONDS.toNanos(2);
    static final long LEAVE_SETTLE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** How long before the budget is spent by streams that do not end the process takes nothing new. */
    static final long LAST_MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** What requests of the last moment get beyond it, streams having been cut: whoever was accepted is answered, on a machine without breath too. */
    static final long LAST_REQUESTS_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long POLL_MILLIS = 10;

    /** What is drained. */
    public interface Target {

        /** No new connections, on inbound listeners only if so asked. */
        void stopAccepting(boolean inboundOnly);

        /** Connections are told to end ({@code connection: close}, GOAWAY). */
        void drainConnections(boolean inboundOnly, Drain event);

        /** Connections that were told to end and have not. */
        long finishing();

        /** All open connections, and sockets that may still accept one. */
        long inFlight();
    }

    /** The data path and the names, as far as they are there yet. */
    static final class Live implements Target {

        @Nullable DataPath path;
        volatile @Nullable MeshDns keptDns;

        @Override
        public void stopAccepting(boolean inboundOnly) {
            if (path != null) {
                path.stopAccepting(inboundOnly);
            }
            MeshDns names = keptDns;
            if (names != null && !inboundOnly) {
                names.pause();
            }
        }

        @Override
        public void drainConnections(boolean inboundOnly, Drain event) {
            if (path != null) {
                path.drain(inboundOnly, event);
            }
        }

        @Override
        public long finishing() {
            return path == null ? 0 : path.listeners().finishing();
        }

        @Override
        public long inFlight() {
            return path == null ? 0 : path.listeners().unfinished();
        }
    }

    private final Target target;
    private final ScheduledExecutorService loop;
    private final LongSupplier nanoClock;
    private final long drainNanos;
    private final Runnable terminated;
    private final AtomicBoolean exiting = new AtomicBoolean();
    private volatile boolean draining;
    private volatile boolean healthFailed;

    /** {@code terminated} runs once, on {@code loop}. */
    public DrainController(
            Target target, ScheduledExecutorService loop, LongSupplier nanoClock, int drainSeconds, Runnable terminated) {
        this.target = target;
        this.loop = loop;
        this.nanoClock = nanoClock;
        this.drainNanos = TimeUnit.SECONDS.toNanos(drainSeconds);
        this.terminated = terminated;
    }

    /** SIGTERM and {@code quitquitquit}: streams end after the smaller of {@code --drain-time-s} and 5 s. */
    public void exit() {
        exit(Math.min(drainNanos, MAX_EXIT_DRAIN_NANOS), EXIT_SETTLE_NANOS, true);
    }

    /** Another process serves already: nobody waits for this one, so that its connections may have all of {@code --drain-time-s}. */
    public void leave() {
        exit(drainNanos, LEAVE_SETTLE_NANOS, false);
    }

    private void exit(long bound, long settleNanos, boolean accepting) {
        if (!exiting.compareAndSet(false, true)) {
            return;
        }
        loop.execute(() -> {
            draining = true;
            if (!accepting) {
                target.stopAccepting(false);
            }
            target.drainConnections(false, new Drain(bound, Cause.REPLACED));
            long deadline = nanoClock.getAsLong() + bound;
            var unused = loop.schedule(() -> closeIdle(deadline), Math.min(settleNanos, bound / 2), TimeUnit.NANOSECONDS);
            awaitTold(deadline);
        });
    }

    private void closeIdle(long deadline) {
        target.drainConnections(false, new Drain(deadline + LAST_REQUESTS_NANOS - nanoClock.getAsLong(), Cause.EXIT));
    }

    private void awaitTold(long deadline) {
        if (target.finishing() > 0 && nanoClock.getAsLong() - (deadline - LAST_MOMENT_NANOS) < 0) {
            loop.schedule(() -> awaitTold(deadline), POLL_MILLIS, TimeUnit.MILLISECONDS);
            return;
        }
        target.stopAccepting(false);
        closeIdle(deadline);
        await(deadline + LAST_REQUESTS_NANOS);
    }

    private void await(long deadline) {
        if (target.inFlight() <= 0 || nanoClock.getAsLong() - deadline >= 0) {
            terminated.run();
        } else {
            loop.schedule(() -> await(deadline), POLL_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /**
     * {@code /drain_listeners}, as Envoy does it: listeners close now and leave open connections alone; or, {@code graceful}, connections are
     * told to end, and listeners close when the drain time is over.
     */
    public void drainListeners(boolean graceful, boolean inboundOnly) {
        loop.execute(() -> {
            if (!graceful) {
                target.stopAccepting(inboundOnly);
                return;
            }
            if (!inboundOnly) {
                draining = true;
            }
            target.drainConnections(inboundOnly, new Drain(drainNanos, Cause.REPLACED));
            var unused = loop.schedule(() -> target.stopAccepting(inboundOnly), drainNanos, TimeUnit.NANOSECONDS);
        });
    }

    /** {@code /healthcheck/fail} and {@code ok}. Connections are told to end as long as it fails. */
    public void failHealthCheck(boolean fail) {
        healthFailed = fail;
        if (fail) {
            loop.execute(() -> target.drainConnections(false, new Drain(drainNanos, Cause.UNHEALTHY)));
        }
    }

    /** Whether {@code /ready} says DRAINING. */
    public boolean draining() {
        return draining || healthFailed;
    }
}
