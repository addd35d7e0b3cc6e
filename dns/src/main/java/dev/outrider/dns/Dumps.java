package dev.outrider.dns;

import dev.outrider.dns.cache.AnswerCache;
import dev.outrider.dns.table.NameEntry;
import dev.outrider.dns.table.NameTable;
import dev.outrider.dns.wire.Rcode;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;

/** Renders tables and caches for {@link DnsDump}. Pure. */
final class Dumps {

    private static final int MAX_CACHED = 1000;

    private Dumps() {}

    static List<DnsDump.Host> hosts(NameTable table) {
        List<DnsDump.Host> hosts = new ArrayList<>();
        for (NameEntry entry : table.entries()) {
            List<String> addresses = new ArrayList<>();
            byte[] v4 = entry.v4();
            for (int i = 0; i < v4.length; i += 4) {
                addresses.add(NetUtil.bytesToIpAddress(v4, i, 4));
            }
            byte[] v6 = entry.v6();
            for (int i = 0; i < v6.length; i += 16) {
                addresses.add(NetUtil.bytesToIpAddress(v6, i, 16));
            }
            hosts.add(new DnsDump.Host(entry.hostText(), entry.registry(), List.copyOf(addresses)));
        }
        return hosts;
    }

    static List<DnsDump.Cached> cached(AnswerCache cache, long now) {
        List<DnsDump.Cached> rows = new ArrayList<>();
        for (AnswerCache.Entry entry : cache.newest(MAX_CACHED)) {
            rows.add(new DnsDump.Cached(
                    entry.question().text(), Rcode.name(entry.answer().rcode()), entry.answer().answers(),
                    entry.ageSeconds(now), entry.answer().ttlSeconds(), entry.resolver()));
        }
        return rows;
    }
}
