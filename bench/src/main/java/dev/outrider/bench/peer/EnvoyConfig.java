package dev.outrider.bench.peer;

import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.Hop.Security;
import java.util.Map;

/** The bootstrap that Outrider and Envoy are given alike. Envoy's best case: the router alone, unless a plan says more. */
public final class EnvoyConfig {

    private EnvoyConfig() {}

    /** {@code logPath} is used where the plan has an access log. */
    public static String of(ProxyPlan plan, Credentials files, String logPath) {
        return Template.fill("bootstrap.json", Map.of(
                "admin", plan.adminPort(), "dynamic", "", "listeners", listener(plan, files, logPath), "clusters", clusters(plan, files)));
    }

    static String listener(ProxyPlan plan, Credentials files, String logPath) {
        Hop hop = plan.hop();
        boolean inbound = hop.security() == Security.TOWARDS_CLIENT;
        Map<String, Object> places = Map.of(
                "name", hop.name(),
                "direction", inbound ? "INBOUND" : "OUTBOUND",
                "port", hop.listenPort(),
                "cluster", "target",
                "log", plan.features().jsonLog() ? Template.fill("access-log.json", Map.of("path", logPath)) : "",
                "hosts", hosts(plan.features().clusters()),
                "filters", plan.features().meshFilters() ? Template.fill("istio-filters.json", Map.of("side", inbound ? "downstream" : "upstream")) : "",
                "tls", inbound ? tls("downstream-tls.json", files, hop.kind()) : "");
        return Template.fill(hop.kind() == Kind.TCP ? "tcp-listener.json" : "http-listener.json", places);
    }

    static String clusters(ProxyPlan plan, Credentials files) {
        Hop hop = plan.hop();
        StringBuilder all = new StringBuilder(Template.fill("cluster.json", Map.of(
                "name", "target",
                "port", hop.targetPort(),
                "http2", hop.kind() == Kind.GRPC ? Template.fill("http2-options.json", Map.of()) : "",
                "tls", hop.security() == Security.TOWARDS_TARGET ? tls("upstream-tls.json", files, hop.kind()) : "")));
        for (int i = 0; i < plan.features().clusters(); i++) {
            all.append(",\n").append(Template.fill("cluster.json", Map.of("name", "other-" + i, "port", hop.targetPort(), "http2", "", "tls", "")));
        }
        return all.toString();
    }

    private static String hosts(int count) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < count; i++) {
            all.append(Template.fill("other-host.json", Map.of("number", i)));
        }
        return all.toString();
    }

    private static String tls(String file, Credentials files, Kind kind) {
        return Template.fill(file, Map.of(
                "chain", files.chain(), "key", files.key(), "root", files.root(), "alpn", kind == Kind.GRPC ? "\"h2\"" : ""));
    }
}
