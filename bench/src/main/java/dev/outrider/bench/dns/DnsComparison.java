package dev.outrider.bench.dns;

import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/** The shim against unbound. */
record DnsComparison(String id, String title, Supplier<DnsLoad> load, boolean withResolverAlone) implements Workload {

    @Override
    public String reference() {
        return "unbound";
    }

    @Override
    public List<Contender> contenders(Lab lab) {
        List<Contender> all = new ArrayList<>();
        if (withResolverAlone) {
            all.add(new DnsContender(lab, null, load.get()));
        }
        for (DnsServer server : DnsServer.values()) {
            all.add(new DnsContender(lab, server, load.get()));
        }
        return all;
    }
}
