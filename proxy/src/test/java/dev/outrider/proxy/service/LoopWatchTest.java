package dev.outrider.proxy.service;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

/** Signs of life, round by round. */
class LoopWatchTest {

    /** Rounds are run by the test. */
    private static final class Rounds extends ScheduledThreadPoolExecutor {

        private Runnable round;
        private long everyMicros;

        Rounds() {
            super(1);
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long initialDelay, long delay, TimeUnit unit) {
            round = command;
            everyMicros = unit.toMicros(delay);
            return schedule(() -> { }, 0, TimeUnit.SECONDS);
        }
    }

    private final Rounds rounds = new Rounds();
    private final AtomicInteger alive = new AtomicInteger();

    @AfterEach
    void end() {
        rounds.shutdownNow();
    }

    @Test
    void aLoopThatHangsEndsTheSignsOfLifeUntilItAnswers() {
        Deque<Runnable> hanging = new ArrayDeque<>();
        LoopWatch.start(rounds, List.of(Runnable::run, hanging::add), 20_000_000, alive::incrementAndGet);
        assertEquals(5_000_000, rounds.everyMicros, "several times within the supervisor's patience");
        rounds.round.run();
        rounds.round.run();
        rounds.round.run();
        assertEquals(1, alive.get());
        assertEquals(1, hanging.size(), "a loop that hangs is not given more and more to do");
        hanging.remove().run();
        rounds.round.run();
        assertEquals(2, alive.get());
    }

    @Test
    void withoutASupervisorNothingIsAsked() {
        LoopWatch.start(rounds, List.of(Runnable::run), 0, alive::incrementAndGet);
        assertNull(rounds.round);
        LoopWatch.start(rounds, List.of(Runnable::run), 4, alive::incrementAndGet);
        assertNotNull(rounds.round);
    }
}
