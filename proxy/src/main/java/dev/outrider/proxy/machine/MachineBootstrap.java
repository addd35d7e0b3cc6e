package dev.outrider.proxy.machine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

/**
 * The bootstrap of a machine that has only the operator's files: delta ADS to the control plane over mutual TLS, secrets as Istio's agent serves them,
 * admin on 127.0.0.1:15000. Text, so that {@code outrider proxy -c} can load the very same.
 */
public final class MachineBootstrap {

    private static final String TYPES = "type.googleapis.com/envoy.extensions.";

    private static final String SECRETS = "sds-grpc";
    private static final String SECRETS_SOCKET = "./var/run/secrets/workload-spiffe-uds/socket";

    private MachineBootstrap() {}

    /** YAML of an envoy.config.bootstrap.v3.Bootstrap. */
    public static String yaml(MachineConfig config) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("node", node(config));
        root.put("admin", Map.of("address", socket("127.0.0.1", 15000)));
        root.put("dynamic_resources", Map.of(
                "lds_config", ads(),
                "cds_config", ads(),
                "ads_config", Map.of(
                        "api_type", "DELTA_GRPC",
                        "transport_api_version", "V3",
                        "set_node_on_first_message_only", true,
                        "grpc_services", List.of(Map.of("envoy_grpc", Map.of("cluster_name", "xds-grpc"))))));
        root.put("static_resources", Map.of(
                "clusters", List.of(controlPlane(config), secretService())));
        return new Dump(DumpSettings.builder().build()).dumpToString(root);
    }

    private static Map<String, Object> node(MachineConfig config) {
        String ip = config.addresses().isEmpty() ? "127.0.0.1" : config.addresses().getFirst();
        String domain = config.namespace() + ".svc.cluster.local";
        Map<String, Object> node = new LinkedHashMap<>();
        node.put("id", "sidecar~" + ip + "~" + config.name() + "." + config.namespace() + "~" + domain);
        node.put("cluster", config.metadata().getOrDefault("WORKLOAD_NAME", config.name()) + "." + config.namespace());
        node.put("metadata", config.metadata());
        return node;
    }

    private static Map<String, Object> controlPlane(MachineConfig config) {
        MachineConfig.HostPort at = config.discovery();
        Map<String, Object> cluster = new LinkedHashMap<>();
        cluster.put("name", "xds-grpc");
        cluster.put("type", "STRICT_DNS");
        cluster.put("connect_timeout", "10s");
        cluster.put("load_assignment", endpoint("xds-grpc", socket(at.host(), at.port())));
        cluster.put("typed_extension_protocol_options", http2());
        if (MachineIdentity.plaintext(at)) {
            return cluster;
        }
        cluster.put("transport_socket", Map.of(
                "name", "envoy.transport_sockets.tls",
                "typed_config", Map.of(
                        "@type", TYPES + "transport_sockets.tls.v3.UpstreamTlsContext",
                        "sni", at.host(),
                        "common_tls_context", Map.of(
                                "alpn_protocols", List.of("h2"),
                                "tls_certificate_sds_secret_configs", List.of(secret("default")),
                                "combined_validation_context", Map.of(
                                        "default_validation_context", Map.of(
                                                "match_typed_subject_alt_names", config.discoverySans().stream().map(MachineBootstrap::san).toList()),
                                        "validation_context_sds_secret_config", secret("ROOTCA"))))));
        return cluster;
    }

    private static Map<String, Object> san(String name) {
        return Map.of("san_type", name.contains("://") ? "URI" : "DNS", "matcher", Map.of("exact", name));
    }

    /** Where Istio's agent serves them; {@code outrider run} is that agent and takes them from itself. */
    private static Map<String, Object> secretService() {
        Map<String, Object> cluster = new LinkedHashMap<>();
        cluster.put("name", SECRETS);
        cluster.put("type", "STATIC");
        cluster.put("connect_timeout", "1s");
        cluster.put("typed_extension_protocol_options", http2());
        cluster.put("load_assignment", endpoint(SECRETS, Map.of("pipe", Map.of("path", SECRETS_SOCKET))));
        return cluster;
    }

    private static Map<String, Object> secret(String name) {
        return Map.of("name", name, "sds_config", Map.of(
                "resource_api_version", "V3",
                "api_config_source", Map.of(
                        "api_type", "GRPC",
                        "transport_api_version", "V3",
                        "set_node_on_first_message_only", true,
                        "grpc_services", List.of(Map.of("envoy_grpc", Map.of("cluster_name", SECRETS))))));
    }

    private static Map<String, Object> endpoint(String cluster, Map<String, Object> address) {
        return Map.of("cluster_name", cluster, "endpoints", List.of(Map.of("lb_endpoints", List.of(Map.of("endpoint", Map.of("address", address))))));
    }

    private static Map<String, Object> http2() {
        return Map.of(
                TYPES.substring("type.googleapis.com/".length()) + "upstreams.http.v3.HttpProtocolOptions",
                Map.of("@type", TYPES + "upstreams.http.v3.HttpProtocolOptions",
                        "explicit_http_config", Map.of("http2_protocol_options", Map.of())));
    }

    private static Map<String, Object> ads() {
        return Map.of("ads", Map.of(), "initial_fetch_timeout", "0s", "resource_api_version", "V3");
    }

    private static Map<String, Object> socket(String host, int port) {
        return Map.of("socket_address", Map.of("address", host, "port_value", port));
    }
}
