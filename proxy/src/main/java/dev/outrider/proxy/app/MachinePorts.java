package dev.outrider.proxy.app;

import dev.outrider.proxy.admin.AgentPorts;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** The ports of Istio's agent as this machine's settings have them. */
final class MachinePorts {

    private static final int MAX_APPLICATIONS = 32;

    private MachinePorts() {}

    /** Throws IllegalArgumentException with the variable and its accepted form. */
    static AgentPorts.Settings of(Map<String, String> env) {
        return new AgentPorts.Settings(
                InetAddress.ofLiteral(Files.exists(Path.of("/proc/net/if_inet6")) ? "::" : "0.0.0.0"),
                "true".equalsIgnoreCase(env.get("METRICS_LOCALHOST_ACCESS_ONLY")),
                port(env, "OUTRIDER_STATUS_PORT", 15020), port(env, "ENVOY_STATUS_PORT", 15021), port(env, "ENVOY_PROMETHEUS_PORT", 15090),
                applications(env));
    }

    private static int port(Map<String, String> env, String name, int otherwise) {
        return env.containsKey(name) ? Integer.parseInt(env.get(name)) : otherwise;
    }

    private static List<URI> applications(Map<String, String> env) {
        List<URI> all = new ArrayList<>();
        for (String text : env.getOrDefault("OUTRIDER_APPLICATION_METRICS", "").split(",", -1)) {
            if (!text.isBlank()) {
                all.add(URI.create(text.strip()));
            }
        }
        if (tree(env.getOrDefault("ISTIO_PROMETHEUS_ANNOTATIONS", "{}")) instanceof Map<?, ?> annotations && "true".equals(String.valueOf(annotations.get("scrape")))) {
            if (annotations.get("targets") instanceof List<?> targets) {
                targets.forEach(target -> all.add(target(target instanceof Map<?, ?> map ? map : Map.of())));
            } else {
                all.add(target(annotations));
            }
        }
        return all.stream().distinct().limit(MAX_APPLICATIONS).toList();
    }

    private static URI target(Map<?, ?> map) {
        Object port = map.get("port");
        Object path = map.get("path");
        String text = "http://127.0.0.1:" + (port == null ? "80" : port) + (path == null ? "/metrics" : path);
        try {
            return URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("ISTIO_PROMETHEUS_ANNOTATIONS: '" + text + "' is no URL; port and path were expected, such as {\"scrape\":\"true\",\"port\":\"9102\",\"path\":\"/metrics\"}", e);
        }
    }

    private static @Nullable Object tree(String json) {
        try {
            return new Load(LoadSettings.builder().setMaxAliasesForCollections(0).build()).loadFromString(json);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("ISTIO_PROMETHEUS_ANNOTATIONS: not JSON: " + e.getMessage(), e);
        }
    }
}
