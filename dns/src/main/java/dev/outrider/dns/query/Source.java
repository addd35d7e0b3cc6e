package dev.outrider.dns.query;

import java.util.Locale;

/** Where an answer came from; a metric label. */
public enum Source {
    /** The mesh's table. */
    TABLE,
    /** A static record of the configuration. */
    STATIC,
    /** A zone that is ours says that the name or type does not exist. */
    ZONE,
    /** A name that RFC 6761 reserves, or ANY (RFC 8482). */
    SPECIAL,
    CACHE,
    /** An expired answer, since no resolver answered. */
    STALE,
    UPSTREAM,
    /** No resolver answered. */
    UNREACHABLE,
    /** The packet or the question was refused. */
    REFUSED;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
