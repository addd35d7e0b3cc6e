package dev.outrider.proxy.machine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;

/**
 * The bootstrap of a machine that has only the operator's files: delta ADS to the control plane over mutual TLS, certificates from files,
 * admin on 127.0.0.1:15000. Text, so that {@code outrider proxy -c} can load the very same.
 */
public final class MachineBootstrap {

    private static final String TYPES = "type.googleapis.com/envoy.extensions.";

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
                "clusters", List.of(controlPlane(config)),
                "secrets", List.of(
                        Map.of("name", "default", "tls_certificate", certificate(config)),
                        Map.of("name", "ROOTCA", "validation_context",
                                Map.of("trusted_ca", file(config, "root-cert.pem"))))));
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
        cluster.put("load_assignment", Map.of(
                "cluster_name", "xds-grpc",
                "endpoints", List.of(Map.of("lb_endpoints",
                        List.of(Map.of("endpoint", Map.of("address", socket(at.host(), at.port()))))))));
        cluster.put("typed_extension_protocol_options", Map.of(
                TYPES.substring("type.googleapis.com/".length()) + "upstreams.http.v3.HttpProtocolOptions",
                Map.of("@type", TYPES + "upstreams.http.v3.HttpProtocolOptions",
                        "explicit_http_config", Map.of("http2_protocol_options", Map.of()))));
        cluster.put("transport_socket", Map.of(
                "name", "envoy.transport_sockets.tls",
                "typed_config", Map.of(
                        "@type", TYPES + "transport_sockets.tls.v3.UpstreamTlsContext",
                        "sni", at.host(),
                        "common_tls_context", Map.of(
                                "alpn_protocols", List.of("h2"),
                                "tls_certificates", List.of(certificate(config)),
                                "validation_context", Map.of(
                                        "trusted_ca", file(config, "root-cert.pem"),
                                        "match_typed_subject_alt_names", config.discoverySans().stream().map(MachineBootstrap::san).toList())))));
        return cluster;
    }

    private static Map<String, Object> san(String name) {
        return Map.of("san_type", name.contains("://") ? "URI" : "DNS", "matcher", Map.of("exact", name));
    }

    private static Map<String, Object> certificate(MachineConfig config) {
        return Map.of("certificate_chain", file(config, "cert-chain.pem"), "private_key", file(config, "key.pem"));
    }

    private static Map<String, Object> file(MachineConfig config, String name) {
        return Map.of("filename", config.certificates().resolve(name).toString());
    }

    private static Map<String, Object> ads() {
        return Map.of("ads", Map.of(), "initial_fetch_timeout", "0s", "resource_api_version", "V3");
    }

    private static Map<String, Object> socket(String host, int port) {
        return Map.of("socket_address", Map.of("address", host, "port_value", port));
    }
}
