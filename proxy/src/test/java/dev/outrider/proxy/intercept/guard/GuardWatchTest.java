package dev.outrider.proxy.intercept.guard;

import dev.outrider.proxy.telemetry.Stats;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the sidecar makes of the guard's record. */
class GuardWatchTest {

    @TempDir
    private Path root;

    @Test
    void eachRepairIsNewsOnceAndCounted() throws Exception {
        Path file = GuardWatch.place(root);
        Stats stats = new Stats();
        try (var control = Executors.newSingleThreadScheduledExecutor()) {
            GuardWatch watch = GuardWatch.start(file, stats, control);
            assertFalse(watch.look(), "no guard, no news");
            new GuardRecord(1, Instant.ofEpochSecond(1_700_000_000)).write(file);
            assertTrue(watch.look());
            assertFalse(watch.look());
            new GuardRecord(3, Instant.ofEpochSecond(1_700_000_100)).write(file);
            assertTrue(watch.look());
            assertEquals(3, stats.counters().get("outrider.interception_restored").value());
            assertEquals(1_700_000_100, stats.gauges().get("outrider.interception_last_restored_seconds").value());
            control.shutdownNow();
        }
    }

    @Test
    void whatIsNoRecordSaysNothing() throws Exception {
        Path file = root.resolve("record");
        for (String text : new String[] {"", "restored many\nlast now\n", "restored 3\n"}) {
            Files.writeString(file, text);
            assertEquals(GuardRecord.NONE, GuardRecord.read(file), text);
        }
    }

    @Test
    void aWatchThatStartsLaterDoesNotRepeatWhatWasBefore() throws Exception {
        Path file = root.resolve("record");
        new GuardRecord(5, Instant.EPOCH).write(file);
        try (var control = Executors.newSingleThreadScheduledExecutor()) {
            assertFalse(GuardWatch.start(file, new Stats(), control).look());
            control.shutdownNow();
        }
    }
}
