package dev.outrider.proxy.intercept.guard;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/** Tells when anybody changes rules: the kernel's own notices, by way of {@code nft monitor}. A line is a notice, its text is not looked at. */
final class RulesetEvents implements AutoCloseable {

    private final Process monitor;
    private final Semaphore notices;

    private RulesetEvents(Process monitor, Semaphore notices) {
        this.monitor = monitor;
        this.notices = notices;
    }

    /** Releases a permit of {@code notices} for every line. Throws when nft cannot be started. */
    static RulesetEvents start(List<String> command, Semaphore notices) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL", "C"));
        RulesetEvents events = new RulesetEvents(builder.start(), notices);
        Thread.ofPlatform().daemon().name("ruleset-events").start(events::read);
        return events;
    }

    private void read() {
        try (BufferedReader lines = monitor.inputReader(StandardCharsets.UTF_8)) {
            while (lines.readLine() != null) {
                // One permit stands for any number of changes.
                if (notices.availablePermits() == 0) {
                    notices.release();
                }
            }
        } catch (IOException | UncheckedIOException e) {
            // It ended: the guard sees that and looks by the clock.
            return;
        } finally {
            notices.release();
        }
    }

    boolean alive() {
        return monitor.isAlive();
    }

    @Override
    public void close() {
        monitor.destroy();
    }
}
