package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Cause;
import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Drain;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** How a process ends, on a clock that is moved by hand. */
final class DrainControllerTest implements DrainController.Target {

    private final EmbeddedChannel clock = new EmbeddedChannel();
    private final List<String> told = new ArrayList<>();
    private long now;
    private long inFlight;
    private long finishing;

    private DrainController controller(int drainSeconds) {
        return new DrainController(this, clock.eventLoop(), () -> now, drainSeconds, () -> told.add("terminated"));
    }

    private void pass(long millis) {
        now += TimeUnit.MILLISECONDS.toNanos(millis);
        clock.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        clock.runScheduledPendingTasks();
        clock.runPendingTasks();
    }

    @Test
    void acceptsUntilWhatItToldIsGoneAndExitsAsSoonAsNothingIsInFlight() {
        inFlight = 2;
        finishing = 1;
        DrainController drain = controller(600);
        drain.exit();
        drain.exit();
        pass(0);
        assertEquals(List.of("REPLACED all 5000"), told);
        assertTrue(drain.draining());
        pass(100);
        finishing = 0;
        inFlight = 1;
        pass(10);
        assertEquals(List.of("REPLACED all 5000", "stop all", "EXIT all 9890"), told);
        inFlight = 0;
        pass(10);
        assertEquals("terminated", told.getLast());
    }

    /** Idle connections, which are never heard of again, delay the end by two seconds and no more. */
    @Test
    void closesWhatStaysIdle() {
        inFlight = 1;
        finishing = 1;
        controller(600).exit();
        pass(0);
        pass(1990);
        assertEquals(List.of("REPLACED all 5000"), told);
        pass(10);
        assertEquals(List.of("REPLACED all 5000", "EXIT all 8000"), told);
    }

    /** A stream that lasts is cut when the budget is spent; until shortly before, others are served. */
    @Test
    void acceptsWhileStreamsUseUpTheBudget() {
        inFlight = 1;
        finishing = 1;
        controller(600).exit();
        pass(0);
        pass(4490);
        assertFalse(told.contains("stop all"));
        pass(10);
        assertEquals(List.of("stop all", "EXIT all 5500"), told.subList(2, 4));
        pass(5490);
        assertFalse(told.contains("terminated"));
        pass(10);
        assertEquals("terminated", told.getLast());
    }

    /** The successor accepts already: this process must take nothing more. */
    @Test
    void aReplacedProcessAcceptsNothing() {
        inFlight = 1;
        finishing = 1;
        controller(45).leave();
        pass(0);
        assertEquals(List.of("stop all", "REPLACED all 45000"), told);
        pass(10_000);
        assertEquals("EXIT all 40000", told.getLast());
        pass(40_000);
        assertEquals("terminated", told.getLast());
    }

    @Test
    void waitsNoLongerThanTheDrainTimeWhereThatIsShorter() {
        inFlight = 1;
        controller(2).exit();
        pass(0);
        pass(2000);
        pass(4990);
        assertFalse(told.contains("terminated"));
        pass(10);
        assertEquals("terminated", told.getLast());
    }

    /** Envoy: without {@code graceful} listeners close and open connections are left alone. */
    @Test
    void listenersCloseAtOnceOrAfterTheDrainTime() {
        DrainController drain = controller(3);
        drain.drainListeners(false, true);
        pass(0);
        assertEquals(List.of("stop inbound"), told);
        assertFalse(drain.draining());
        told.clear();
        drain.drainListeners(true, false);
        pass(0);
        assertEquals(List.of("REPLACED all 3000"), told);
        assertTrue(drain.draining());
        pass(3000);
        assertEquals("stop all", told.getLast());
    }

    @Test
    void aFailedHealthCheckTellsClientsAndPasses() {
        DrainController drain = controller(3);
        drain.failHealthCheck(true);
        pass(0);
        assertEquals(List.of("UNHEALTHY all 3000"), told);
        assertTrue(drain.draining());
        drain.failHealthCheck(false);
        assertFalse(drain.draining());
    }

    @Override
    public void stopAccepting(boolean inboundOnly) {
        told.add("stop " + (inboundOnly ? "inbound" : "all"));
    }

    @Override
    public void drainConnections(boolean inboundOnly, Drain event) {
        Cause cause = event.cause();
        told.add(cause + (inboundOnly ? " inbound " : " all ") + TimeUnit.NANOSECONDS.toMillis(event.drainNanos()));
    }

    @Override
    public long finishing() {
        return finishing;
    }

    @Override
    public long inFlight() {
        return inFlight;
    }
}
