package dev.outrider.proxy.admin.status;

import dev.outrider.dns.DnsShim;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.state.AdminState.CertificateView;
import dev.outrider.proxy.explain.Surroundings.MachineRules;
import dev.outrider.proxy.telemetry.Gauge;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the screen shows, of one moment.
 *
 * @param identity the leaf with a SPIFFE id that ends first; null = there is none
 * @param portIdentities those of single inbound ports
 * @param names "" = this process answers no DNS
 * @param interception a sentence
 * @param traffic counters of note by name
 */
record Status(
        AdminState.Server server, AdminState.Readiness readiness, @Nullable CertificateView identity,
        List<AdminState.PortIdentityView> portIdentities, AdminState.ControlPlane controlPlane, String names,
        String interception, List<AdminState.ListenerView> listeners, Map<String, Long> traffic, OpenFiles files) {

    static Status of(AdminState state) {
        return new Status(
                state.server(), state.readiness(), first(state.certificates()), state.portIdentities(), state.controlPlane(), names(state.dns()),
                interception(state), state.listeners(), traffic(state), OpenFiles.now());
    }

    /** The leaf with a SPIFFE id that ends first. */
    static @Nullable CertificateView first(List<CertificateView> certificates) {
        return certificates.stream()
                .filter(c -> !c.authority() && !spiffeId(c).isEmpty())
                .min(Comparator.comparing(CertificateView::notAfter))
                .orElse(null);
    }

    static String spiffeId(CertificateView certificate) {
        return certificate.sans().stream()
                .filter(san -> san.kind().equals("uri") && san.value().startsWith("spiffe://"))
                .map(CertificateView.San::value)
                .findFirst().orElse("");
    }

    private static String names(@Nullable DnsShim dns) {
        if (dns == null) {
            return "";
        }
        return dns.synced() ? "the mesh's names, and the host's resolvers for others" : "the host's resolvers alone, until the mesh's names come";
    }

    private static String interception(AdminState state) {
        MachineRules rules;
        try {
            rules = state.rules();
        } catch (IllegalArgumentException e) {
            return "not known: " + e.getMessage();
        }
        if (rules == null) {
            return "none of this process's: it runs on a bootstrap alone";
        }
        return rules.applied().isEmpty() ? "no rules are installed"
                : "applied by " + rules.applied() + " (" + rules.plan().mode() + "), " + (rules.guarded() ? "guarded" : "not guarded");
    }

    private static Map<String, Long> traffic(AdminState state) {
        Map<String, Long> all = new LinkedHashMap<>();
        for (String name : List.of("connections", "requests", "5xx", "connect_failures", "closed_without_chain")) {
            all.put(name, 0L);
        }
        Gauge connections = state.stats().stats().gauges().get("server.total_connections");
        if (connections != null) {
            all.put("connections", connections.value());
        }
        state.stats().stats().counters().forEach((name, counter) -> {
            String key = key(name);
            if (!key.isEmpty()) {
                all.merge(key, counter.value(), Long::sum);
            }
        });
        return all;
    }

    private static String key(String name) {
        if (name.startsWith("http.")) {
            return name.endsWith(".downstream_rq_total") ? "requests" : name.endsWith(".downstream_rq_5xx") ? "5xx" : "";
        }
        if (name.startsWith("cluster.")) {
            return name.endsWith(".upstream_cx_connect_fail") ? "connect_failures" : "";
        }
        return name.startsWith("listener.") && name.endsWith(".no_filter_chain_match") ? "closed_without_chain" : "";
    }
}
