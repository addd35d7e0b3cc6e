package dev.outrider.proxy.intercept.guard;

import dev.outrider.proxy.telemetry.Stats;
import java.nio.file.Path;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/** The guard's record in the sidecar: two statistics, and a line in the log each time the rules had to be put back. On the executor that it is given. */
public final class GuardWatch {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.intercept");
    private static final long LOOK_SECONDS = 10;

    private final Path file;
    private long known;

    private GuardWatch(Path file) {
        this.file = file;
        known = GuardRecord.read(file).restored();
    }

    /** The guard's and the sidecar's units agree on it. */
    public static Path place(Path root) {
        return root.resolve("run/outrider-guard/record");
    }

    public static GuardWatch start(Path file, Stats stats, ScheduledExecutorService control) {
        GuardWatch watch = new GuardWatch(file);
        stats.counter("outrider.interception_restored", () -> GuardRecord.read(file).restored());
        var unusedLast = stats.gauge("outrider.interception_last_restored_seconds", () -> GuardRecord.read(file).last().getEpochSecond());
        var unused = control.scheduleWithFixedDelay(watch::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
        return watch;
    }

    /** Whether there was news. */
    boolean look() {
        GuardRecord now = GuardRecord.read(file);
        boolean news = now.restored() > known;
        if (news) {
            LOG.warning("interception: the rules were changed by somebody, and the guard put them back at " + now.last() + "; " + now.restored() + " times since boot");
        }
        known = now.restored();
        return news;
    }
}
