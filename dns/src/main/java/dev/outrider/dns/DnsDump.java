package dev.outrider.dns;

import dev.outrider.dns.forward.Resolver;
import java.util.List;

/**
 * The shim's state at one moment, for {@code outrider dns dump} and the admin page. Immutable.
 *
 * @param synced whether a table of the mesh was applied
 * @param serial of the table
 * @param names how many names can be asked, aliases included
 * @param table hosts with their addresses and origin
 * @param cache newest entries first
 * @param cacheEntries of all
 * @param cacheBytes of all
 * @param resolvers by zone
 * @param search domains in use
 * @param waiting clients that wait for resolvers
 */
public record DnsDump(
        boolean synced,
        int serial,
        int names,
        List<Host> table,
        List<Cached> cache,
        int cacheEntries,
        long cacheBytes,
        List<Group> resolvers,
        List<String> search,
        int waiting) {

    /** A row of the table. */
    public record Host(String name, String registry, List<String> addresses) {}

    /** A cached answer. */
    public record Cached(String question, String rcode, int records, int ageSeconds, int ttlSeconds, String resolver) {}

    /** Resolvers of a zone. */
    public record Group(String zone, List<Resolver.State> resolvers) {}
}
