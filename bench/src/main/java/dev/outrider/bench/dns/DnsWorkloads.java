package dev.outrider.bench.dns;

import dev.outrider.bench.round.Workload;
import java.util.List;

/** All DNS workloads. */
public final class DnsWorkloads {

    /** Fits into the caches of both servers many times. */
    private static final int CACHED_NAMES = 2_000;

    private DnsWorkloads() {}

    public static List<Workload> all() {
        return List.of(
                new DnsComparison("dns-table", "DNS: names of the mesh, 10,000 of them, over UDP",
                        () -> new DnsLoad.Known("mesh-questions", DnsNames::meshQuestions), false),
                new DnsComparison("dns-cache", "DNS: public names that the server has asked for before, 2,000 of them",
                        () -> new DnsLoad.Known("public-questions", () -> DnsNames.publicQuestions(CACHED_NAMES)), false),
                new DnsComparison("dns-miss", "DNS: public names that nobody asked for before, 500 a second",
                        DnsLoad.Unheard::new, true),
                new DnsInside());
    }
}
