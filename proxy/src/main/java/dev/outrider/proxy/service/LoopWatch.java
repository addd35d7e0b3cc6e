package dev.outrider.proxy.service;

import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Says that the process is alive for as long as every loop runs what it is given: a round asks all of them, and the next round starts only
 * when all have answered. One loop that hangs ends the signs of life, and the supervisor its patience. Rounds run on {@code timer}.
 */
public final class LoopWatch {

    private final List<Executor> loops;
    private final Runnable alive;
    private final AtomicInteger unanswered = new AtomicInteger();

    private LoopWatch(List<Executor> loops, Runnable alive) {
        this.loops = loops;
        this.alive = alive;
    }

    /** {@code alive} runs several times within {@code patienceMicros} ({@code WATCHDOG_USEC}); not at all where that is 0. */
    public static void start(ScheduledExecutorService timer, List<Executor> loops, long patienceMicros, Runnable alive) {
        if (patienceMicros > 0) {
            var watch = new LoopWatch(List.copyOf(loops), alive);
            var unused = timer.scheduleWithFixedDelay(watch::round, 0, patienceMicros / 4, TimeUnit.MICROSECONDS);
        }
    }

    private void round() {
        if (unanswered.get() > 0) {
            return;
        }
        alive.run();
        unanswered.set(loops.size());
        loops.forEach(loop -> loop.execute(unanswered::decrementAndGet));
    }
}
