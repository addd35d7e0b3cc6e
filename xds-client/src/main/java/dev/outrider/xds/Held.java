package dev.outrider.xds;

import dev.outrider.xds.ConfigArchive.Rejected;
import dev.outrider.xds.ConfigArchive.Sent;
import org.jspecify.annotations.Nullable;

/** One resource by name: what serves, what is to follow it, and what was refused. Control thread. */
final class Held<T> {

    final String name;
    boolean fixed;
    @Nullable T active;
    @Nullable Sent activeSent;
    @Nullable T next;
    @Nullable Sent nextSent;
    @Nullable Rejected rejected;

    /** Not named by the control plane since the stream or the process began. */
    boolean doubtful;

    /** Since when {@link #next} waits. */
    long sinceNanos;

    /** When {@link #next} serves even if what it refers to is not there. */
    long deadlineNanos;

    Held(String name) {
        this.name = name;
    }

    @Nullable T newest() {
        return next == null ? active : next;
    }

    @Nullable Sent newestSent() {
        return nextSent == null ? activeSent : nextSent;
    }
}
