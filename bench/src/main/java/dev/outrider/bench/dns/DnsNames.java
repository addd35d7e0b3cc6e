package dev.outrider.bench.dns;

import dev.outrider.dns.table.MeshName;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntFunction;

/** The names of a mesh of 10,000 services in 50 namespaces, and what is asked about them. Pure. */
final class DnsNames {

    static final int SERVICES = 10_000;

    /** Below it the resolver behind the servers answers every name. */
    static final String PUBLIC_ZONE = "example";

    private static final int NAMESPACES = 50;
    private static final int QUESTIONS = 50_000;

    private DnsNames() {}

    private static String name(int i) {
        return "svc" + i + ".ns" + i % NAMESPACES + ".svc.cluster.local";
    }

    private static String address(int i) {
        return "10." + (100 + i / 65_536) + "." + i / 256 % 256 + "." + i % 256;
    }

    static List<MeshName> rows() {
        List<MeshName> rows = new ArrayList<>(SERVICES);
        for (int i = 0; i < SERVICES; i++) {
            rows.add(new MeshName(name(i), List.of(address(i)), "Kubernetes", "svc" + i, "ns" + i % NAMESPACES, List.of()));
        }
        return rows;
    }

    /** The same for unbound. */
    static String localData() {
        StringBuilder text = new StringBuilder("  local-zone: \"svc.cluster.local.\" static\n");
        for (int i = 0; i < SERVICES; i++) {
            text.append("  local-data: \"").append(name(i)).append(". 30 IN A ").append(address(i)).append("\"\n");
        }
        return text.toString();
    }

    /** Questions for mesh names in no order, as dnsperf reads them. */
    static String meshQuestions() {
        return questions(DnsNames::name, SERVICES);
    }

    /** Questions for this many public names. */
    static String publicQuestions(int names) {
        return questions(i -> "host" + i + "." + PUBLIC_ZONE, names);
    }

    private static String questions(IntFunction<String> name, int names) {
        Random random = new Random(1034);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < QUESTIONS; i++) {
            text.append(name.apply(random.nextInt(names))).append(" A\n");
        }
        return text.toString();
    }

    /** Public names that nobody asked before. */
    static String unheardOf(String prefix, int count) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.append(prefix).append('-').append(i).append('.').append(PUBLIC_ZONE).append(" A\n");
        }
        return text.toString();
    }
}
