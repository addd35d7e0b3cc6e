package dev.outrider.bench.peer;

import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.Hop.Security;
import dev.outrider.proxy.demo.Template;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The bootstrap that Outrider and Envoy are given alike. Envoy's best case: the router alone, unless a plan says more.
 *
 * @param files for mutual TLS
 * @param logPath used where the plan has an access log
 */
public record EnvoyConfig(ProxyPlan plan, Credentials files, String logPath) {

    private static final String LISTENER = "\"@type\": \"type.googleapis.com/envoy.config.listener.v3.Listener\",";
    private static final String CLUSTER = "\"@type\": \"type.googleapis.com/envoy.config.cluster.v3.Cluster\",";

    /** Everything in the bootstrap. */
    public String fixed() {
        return bootstrap("", listeners(""), clusters(""));
    }

    /** A bootstrap that reads listeners and clusters from files and goes on watching them. */
    public String watching(String listenerFile, String clusterFile) {
        return bootstrap(fill("watched-files.json", Map.of("listeners", listenerFile, "clusters", clusterFile)), "", "");
    }

    /** The hops alone, to be merged over a bootstrap that knows everything else. Every message names its node, as java-control-plane looks there. */
    public String overlay() {
        return Template.fill(EnvoyConfig.class, "overlay.json", Map.of("admin", plan.adminPort(), "listeners", listeners(""), "clusters", clusters("")));
    }

    /** Content of the watched file. */
    public String listenerResources() {
        return "{\"resources\": [" + listeners(LISTENER) + "]}";
    }

    /** Content of the watched file. */
    public String clusterResources() {
        return "{\"resources\": [" + clusters(CLUSTER) + "]}";
    }

    private String bootstrap(String dynamic, String listeners, String clusters) {
        return fill("bootstrap.json", Map.of("admin", plan.adminPort(), "dynamic", dynamic, "listeners", listeners, "clusters", clusters));
    }

    private String listeners(String type) {
        return String.join(",\n", plan.hops().stream().map(hop -> listener(hop, type)).toList());
    }

    private String listener(Hop hop, String type) {
        boolean inbound = hop.security() == Security.TOWARDS_CLIENT;
        Map<String, Object> places = Map.of(
                "type", type,
                "name", hop.listener(),
                "direction", inbound ? "INBOUND" : "OUTBOUND",
                "port", hop.listenPort(),
                "cluster", hop.cluster(),
                "log", plan.features().jsonLog() ? fill("access-log.json", Map.of("path", logPath)) : "",
                "hosts", each("other-host.json", Map.of()),
                "filters", plan.features().meshFilters() ? fill("istio-filters.json", Map.of("side", inbound ? "downstream" : "upstream")) : "",
                "tls", inbound ? tls("downstream-tls.json", hop.kind()) : "");
        return fill(hop.kind() == Kind.TCP ? "tcp-listener.json" : "http-listener.json", places);
    }

    private String clusters(String type) {
        List<String> all = new ArrayList<>();
        for (Hop hop : plan.hops()) {
            all.add(fill("cluster.json", Map.of(
                    "type", type,
                    "name", hop.cluster(),
                    "port", hop.targetPort(),
                    "http2", hop.kind().http2ToTarget() ? fill("http2-options.json", Map.of()) : "",
                    "tls", hop.security() == Security.TOWARDS_TARGET ? tls("upstream-tls.json", hop.kind()) : "")));
        }
        int port = plan.hops().getFirst().targetPort();
        return String.join(",\n", all) + each("other-cluster.json", Map.of("type", type, "port", port));
    }

    /** The text once for each further cluster. */
    private String each(String file, Map<String, Object> places) {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < plan.features().clusters(); i++) {
            Map<String, Object> numbered = new HashMap<>(places);
            numbered.put("number", i);
            all.append(fill(file, numbered));
        }
        return all.toString();
    }

    private String tls(String file, Kind kind) {
        return fill(file, Map.of(
                "chain", files.chain(), "key", files.key(), "root", files.root(), "alpn", kind.http2FromClient() ? "\"h2\"" : ""));
    }

    private static String fill(String file, Map<String, ?> values) {
        return Template.fill(EnvoyConfig.class, file, values);
    }
}
