package dev.outrider.proxy.datapath.upstream;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class AlarmTest {

    private final EmbeddedChannel clock = new EmbeddedChannel();
    private int rung;
    private final Alarm alarm = new Alarm(clock.eventLoop(), () -> rung++);

    @BeforeEach
    void stopTheClock() {
        clock.freezeTime();
    }

    private void pass(long seconds) {
        clock.advanceTimeBy(seconds, TimeUnit.SECONDS);
        clock.runScheduledPendingTasks();
    }

    private static long seconds(long n) {
        return TimeUnit.SECONDS.toNanos(n);
    }

    @Test
    void ringsOnceWhenItIsDue() {
        alarm.set(seconds(10));
        pass(9);
        assertEquals(0, rung);
        pass(1);
        assertEquals(1, rung);
        assertFalse(alarm.isSet());
        pass(100);
        assertEquals(1, rung);
    }

    @Test
    void movedLaterItWaits() {
        alarm.set(seconds(10));
        pass(6);
        alarm.set(seconds(10));
        pass(6);
        assertEquals(0, rung);
        pass(4);
        assertEquals(1, rung);
    }

    @Test
    void movedEarlierItDoesNotWaitForWhatItWasSetToFirst() {
        alarm.set(seconds(100));
        alarm.set(seconds(5));
        pass(5);
        assertEquals(1, rung);
    }

    @Test
    void calledOffItIsSilentAndCanBeSetAgain() {
        alarm.set(seconds(10));
        alarm.clear();
        pass(4);
        alarm.set(seconds(10));
        pass(9);
        assertEquals(0, rung);
        assertTrue(alarm.isSet());
        pass(1);
        assertEquals(1, rung);
    }

    @Test
    void closedItLeavesNothingOnTheLoop() {
        alarm.set(seconds(10));
        alarm.close();
        clock.advanceTimeBy(20, TimeUnit.SECONDS);
        assertEquals(-1, clock.runScheduledPendingTasks());
        assertEquals(0, rung);
    }
}
