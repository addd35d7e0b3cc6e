package dev.outrider.proxy.intercept.guard;

import dev.outrider.proxy.intercept.Installation;
import dev.outrider.proxy.intercept.Interceptor;
import dev.outrider.proxy.intercept.RuleException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts the rules back when something took them away ({@code nft flush ruleset}, {@code firewalld --reload}). What was never installed, or was removed by
 * Outrider itself, stays away. Woken by the kernel's notices where nft is, else by the clock. One thread, blocking.
 */
public final class RulesGuard {

    /** A reload is many changes: look when they have ended. */
    private static final Duration SETTLE = Duration.ofMillis(100);

    /** Without notices; a flush is then repaired within five seconds. */
    private static final Duration BLIND = Duration.ofSeconds(3);

    /** With notices: they can be lost when many come at once. */
    private static final Duration WATCHED = Duration.ofSeconds(30);

    private final Interceptor interceptor;
    private final Path record;
    private final List<String> monitor;
    private final PrintStream out;
    private final Semaphore notices = new Semaphore(0);
    private long restored;

    /**
     * @param record file in which the sidecar finds how often that was necessary
     * @param monitor command whose every line is a notice; empty for none
     */
    public RulesGuard(Interceptor interceptor, Path record, List<String> monitor, PrintStream out) {
        this.interceptor = interceptor;
        this.record = record;
        this.monitor = monitor;
        this.out = out;
        restored = GuardRecord.read(record).restored();
    }

    /** Until the thread is interrupted. */
    public void run() throws InterruptedException {
        try (Watch watch = new Watch()) {
            look();
            while (true) {
                if (notices.tryAcquire((watched() && watch.sees() ? WATCHED : BLIND).toMillis(), TimeUnit.MILLISECONDS)) {
                    settle();
                }
                look();
            }
        }
    }

    /** Waits until no more changes come: each wait that ends with a permit was one more of the same change. */
    private void settle() throws InterruptedException {
        boolean more = true;
        while (more) {
            more = notices.tryAcquire(SETTLE.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** The notices are nft's own: what iptables of the old kind changes is not among them. */
    private boolean watched() {
        try {
            Installation last = interceptor.installed();
            return last == null || last.backend().equals("nft");
        } catch (RuleException e) {
            return false;
        }
    }

    /** One look; whether something was put back. */
    public boolean look() {
        Instant began = Instant.now();
        try {
            String difference = interceptor.repair();
            if (difference.isEmpty()) {
                return false;
            }
            restored++;
            out.println("interception: rules were changed by somebody (" + difference + ") and are back after " + Duration.between(began, Instant.now()).toMillis() + " ms; "
                    + restored + " times so far");
            write(began);
            return true;
        } catch (RuleException e) {
            out.println("interception: rules cannot be put back, traffic goes direct: " + e.getMessage());
            return false;
        }
    }

    private void write(Instant when) {
        try {
            new GuardRecord(restored, when).write(record);
        } catch (IOException e) {
            out.println("interception: " + record + " cannot be written: " + e.getMessage());
        }
    }

    /** The monitor, started anew when it ends. */
    private final class Watch implements AutoCloseable {

        private @Nullable RulesetEvents events;

        /** Not yet when it has only just been started: what changed before it listened, the next look has to find. */
        boolean sees() {
            RulesetEvents now = events;
            if (now != null && now.alive()) {
                return true;
            }
            if (monitor.isEmpty()) {
                return false;
            }
            try {
                events = RulesetEvents.start(monitor, notices);
            } catch (IOException e) {
                events = null;
            }
            return false;
        }

        @Override
        public void close() {
            RulesetEvents now = events;
            if (now != null) {
                now.close();
            }
        }
    }
}
