package dev.outrider.proxy.datapath.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Something that is due at a time which is moved or called off far more often than it comes. Moving it writes a field: the loop's timer stays
 * where it is and looks again when it runs, so that a request costs no timer. Confined to its loop.
 */
public final class Alarm implements Runnable {

    private final EventLoop loop;
    private final Runnable task;
    private boolean on;
    private long dueNanos;
    private long timerNanos;
    private @Nullable ScheduledFuture<?> timer;

    public Alarm(EventLoop loop, Runnable task) {
        this.loop = loop;
        this.task = task;
    }

    /** From now; in place of what was set before. */
    public void set(long nanos) {
        on = true;
        dueNanos = loop.ticker().nanoTime() + nanos;
        ScheduledFuture<?> there = timer;
        if (there != null && timerNanos - dueNanos > 0) {
            there.cancel(false);
            there = null;
        }
        if (there == null) {
            schedule(nanos);
        }
    }

    public boolean isSet() {
        return on;
    }

    public void clear() {
        on = false;
    }

    /** It is not used any more: the loop forgets it. */
    public void close() {
        on = false;
        ScheduledFuture<?> there = timer;
        timer = null;
        if (there != null) {
            there.cancel(false);
        }
    }

    private void schedule(long nanos) {
        timerNanos = dueNanos;
        timer = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
    }

    @Override
    public void run() {
        timer = null;
        if (!on) {
            return;
        }
        long left = dueNanos - loop.ticker().nanoTime();
        if (left > 0) {
            schedule(left);
        } else {
            on = false;
            task.run();
        }
    }
}
