package dev.outrider.proxy.admin.names;

import dev.outrider.dns.DnsDump;
import dev.outrider.dns.Explanation;
import dev.outrider.dns.forward.Resolver;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The page of names for scripts. Pure. */
final class DnsJson {

    private DnsJson() {}

    static Map<String, Object> answer(Explanation answer) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("rcode", answer.rcode());
        all.put("source", answer.source());
        all.put("why", answer.why());
        all.put("records", answer.records());
        all.put("took_us", answer.tookMicros());
        return all;
    }

    static Map<String, Object> dump(DnsDump dump) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("synced", dump.synced());
        all.put("serial", dump.serial());
        all.put("names", dump.names());
        all.put("table", dump.table().stream().map(DnsJson::host).toList());
        List<Object> resolvers = new ArrayList<>();
        dump.resolvers().forEach(group -> group.resolvers().forEach(resolver -> resolvers.add(resolver(group.zone(), resolver))));
        all.put("resolvers", resolvers);
        all.put("waiting", dump.waiting());
        all.put("search", dump.search());
        all.put("cache_entries", dump.cacheEntries());
        all.put("cache_bytes", dump.cacheBytes());
        all.put("cache", dump.cache().stream().map(DnsJson::cached).toList());
        return all;
    }

    private static Map<String, Object> host(DnsDump.Host host) {
        return Map.of("name", host.name(), "registry", host.registry(), "addresses", host.addresses());
    }

    private static Map<String, Object> resolver(String zone, Resolver.State state) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("zone", zone);
        one.put("address", state.address());
        one.put("healthy", state.healthy());
        one.put("looping", state.looping());
        one.put("answers", state.answers());
        one.put("failures", state.failures());
        one.put("mismatches", state.mismatches());
        one.put("round_trip_us", state.roundTripMicros());
        one.put("last_error", state.lastError());
        return one;
    }

    private static Map<String, Object> cached(DnsDump.Cached entry) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("question", entry.question());
        one.put("rcode", entry.rcode());
        one.put("records", entry.records());
        one.put("age_s", entry.ageSeconds());
        one.put("ttl_s", entry.ttlSeconds());
        one.put("resolver", entry.resolver());
        return one;
    }
}
