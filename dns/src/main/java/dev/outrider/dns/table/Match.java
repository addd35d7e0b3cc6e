package dev.outrider.dns.table;

import org.jspecify.annotations.Nullable;

/** Where a lookup ended: the entry and how it was reached. Reused; confined to one loop. */
public final class Match {

    /** How a name led to its entry. */
    public enum Kind {
        NONE,
        EXACT,
        WILDCARD,
        /** The name was an entry's plus a search domain; the first {@link #headLength} bytes are the entry's. */
        SEARCH
    }

    private Kind kind = Kind.NONE;
    private @Nullable NameEntry entry;
    private int headLength;

    void set(Kind how, @Nullable NameEntry what, int head) {
        kind = how;
        entry = what;
        headLength = head;
    }

    public Kind kind() {
        return kind;
    }

    public @Nullable NameEntry entry() {
        return entry;
    }

    public int headLength() {
        return headLength;
    }
}
