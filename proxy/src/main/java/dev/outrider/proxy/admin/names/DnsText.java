package dev.outrider.proxy.admin.names;

import dev.outrider.dns.DnsDump;
import dev.outrider.dns.Explanation;
import dev.outrider.dns.forward.Resolver;

/** The page of names for people. Pure. */
final class DnsText {

    private DnsText() {}

    static String answer(Explanation answer) {
        StringBuilder out = new StringBuilder(200);
        answer.records().forEach(record -> out.append(record).append('\n'));
        return out.append(answer.rcode()).append(" from ").append(answer.source()).append(": ").append(answer.why())
                .append(" (").append(answer.tookMicros()).append(" us)\n").toString();
    }

    static String dump(DnsDump dump) {
        StringBuilder out = new StringBuilder(64 * 1024);
        out.append("table: ").append(dump.synced() ? "serial " + dump.serial() : "none from the control plane yet").append(", ")
                .append(dump.table().size()).append(" hosts, ").append(dump.names()).append(" names\n");
        for (DnsDump.Host host : dump.table()) {
            out.append("  ").append(host.name()).append("  ").append(host.registry()).append("  ").append(String.join(",", host.addresses())).append('\n');
        }
        out.append("resolvers: ").append(dump.waiting()).append(" questions wait\n");
        for (DnsDump.Group group : dump.resolvers()) {
            group.resolvers().forEach(resolver -> resolver(group.zone(), resolver, out));
        }
        out.append("search: ").append(String.join(" ", dump.search())).append('\n');
        out.append("cache: ").append(dump.cacheEntries()).append(" answers, ").append(dump.cacheBytes()).append(" bytes; newest first\n");
        for (DnsDump.Cached entry : dump.cache()) {
            out.append("  ").append(entry.question()).append("  ").append(entry.rcode()).append("  ").append(entry.records()).append(" records, ")
                    .append(entry.ageSeconds()).append(" s old of ").append(entry.ttlSeconds()).append(" s, from ").append(entry.resolver()).append('\n');
        }
        return out.toString();
    }

    private static void resolver(String zone, Resolver.State resolver, StringBuilder out) {
        String health = resolver.looping() ? "loops back here" : resolver.healthy() ? "healthy" : "down";
        out.append("  ").append(zone).append("  ").append(resolver.address()).append("  ").append(health).append(", ").append(resolver.answers()).append(" answers, ")
                .append(resolver.failures()).append(" failures, ").append(resolver.mismatches()).append(" mismatches, ").append(resolver.roundTripMicros()).append(" us");
        if (!resolver.lastError().isEmpty()) {
            out.append("; last error: ").append(resolver.lastError());
        }
        out.append('\n');
    }
}
