package dev.outrider.proxy.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Node metadata as istiod expects it of a VM: {@code ISTIO_META_*} as text, {@code ISTIO_METAJSON_*} as the objects that they hold. */
final class NodeMetadata {

    private NodeMetadata() {}

    static Map<String, Object> of(Map<String, String> env, List<String> addresses, String namespace, String name, Map<String, Object> proxyConfig) {
        Map<String, Object> all = new LinkedHashMap<>();
        Map<String, Object> labels = new LinkedHashMap<>();
        all.put("NAME", name);
        all.put("NAMESPACE", namespace);
        all.put("WORKLOAD_NAME", MachineConfig.first(env, MachineConfig.first(env, name, "ISTIO_SERVICE"), "CANONICAL_SERVICE"));
        all.put("SERVICE_ACCOUNT", MachineConfig.first(env, "default", "SERVICE_ACCOUNT"));
        all.put("INSTANCE_IPS", String.join(",", addresses));
        all.put("INTERCEPTION_MODE", MachineConfig.first(env, "REDIRECT", "ISTIO_INBOUND_INTERCEPTION_MODE"));
        all.put("ISTIO_VERSION", "1.30.0");
        all.put("DNS_CAPTURE", "true");
        all.put("DNS_AUTO_ALLOCATE", "true");
        all.put("ENVOY_STATUS_PORT", 15021);
        all.put("ENVOY_PROMETHEUS_PORT", 15090);
        env.forEach((key, value) -> {
            if (key.startsWith("ISTIO_METAJSON_")) {
                Object tree = json(value);
                if (key.equals("ISTIO_METAJSON_LABELS") && tree instanceof Map<?, ?> map) {
                    map.forEach((k, v) -> labels.put(String.valueOf(k), v));
                } else if (tree instanceof Map<?, ?> map) {
                    map.forEach((k, v) -> all.put(String.valueOf(k), v));
                }
            } else if (key.startsWith("ISTIO_META_")) {
                all.put(key.substring("ISTIO_META_".length()), value);
            }
        });
        if (env.containsKey("CANONICAL_SERVICE")) {
            labels.putIfAbsent("service.istio.io/canonical-name", env.get("CANONICAL_SERVICE"));
        }
        if (env.containsKey("CANONICAL_REVISION")) {
            labels.putIfAbsent("service.istio.io/canonical-revision", env.get("CANONICAL_REVISION"));
        }
        all.put("LABELS", labels);
        if (!proxyConfig.isEmpty()) {
            all.put("PROXY_CONFIG", proxyConfig);
        }
        return all;
    }

    private static Object json(String text) {
        try {
            Object tree = new Load(LoadSettings.builder().setMaxAliasesForCollections(0).build()).loadFromString(text);
            return tree == null ? new ArrayList<>() : tree;
        } catch (YamlEngineException e) {
            return text;
        }
    }
}
