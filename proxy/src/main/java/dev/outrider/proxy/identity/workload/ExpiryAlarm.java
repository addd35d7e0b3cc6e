package dev.outrider.proxy.identity.workload;

import java.time.Instant;
import java.util.logging.Level;
import org.jspecify.annotations.Nullable;

/** Speaks once each when half, a quarter and a tenth of a certificate's life is left, and when it is over. Identity thread. */
final class ExpiryAlarm {

    /** A line for the log. */
    record Line(Level level, String text) {}

    private static final double[] SHARES = {0.50, 0.25, 0.10, 0};
    private static final Level[] LEVELS = {Level.INFO, Level.WARNING, Level.WARNING, Level.SEVERE};

    private @Nullable WorkloadCertificate of;
    private int said;

    /** Null = nothing new. {@code why}: what keeps it from being renewed, "" = unknown. */
    @Nullable Line look(WorkloadCertificate certificate, String why, Instant now) {
        if (of == null || !of.equals(certificate)) {
            of = certificate;
            said = 0;
        }
        double left = certificate.left(now);
        int due = said;
        while (due < SHARES.length && left <= SHARES[due]) {
            due++;
        }
        if (due == said) {
            return null;
        }
        said = due;
        String cause = why.isEmpty() ? "" : "; not renewed: " + why;
        return new Line(LEVELS[due - 1], left <= 0
                ? "the certificate of " + certificate.id() + " expired at " + certificate.notAfter() + ", peers refuse it" + cause
                : "the certificate of " + certificate.id() + " has " + Math.round(left * 100) + " % of its life left, until " + certificate.notAfter() + cause);
    }
}
