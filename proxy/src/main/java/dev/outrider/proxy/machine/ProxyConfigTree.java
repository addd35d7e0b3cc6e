package dev.outrider.proxy.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * mesh.yaml's {@code defaultConfig}, and {@code PROXY_CONFIG} over it, for the node metadata, as Istio's agent sends it: istiod takes health only
 * from a workload whose configuration has a probe, and a configuration that is sent replaces the mesh's default as a whole. A field replaces a
 * field; {@code proxyMetadata} alone is merged by key.
 */
final class ProxyConfigTree {

    private static final String METADATA = "proxyMetadata";

    private ProxyConfigTree() {}

    /** Empty where none of them says anything. Whether they are sound was found out before. */
    static Map<String, Object> of(Path meshConfig, String variable, String probe) {
        Map<String, Object> all = new LinkedHashMap<>();
        try {
            if (Files.exists(meshConfig) && load(Files.readString(meshConfig)) instanceof Map<?, ?> mesh && mesh.get("defaultConfig") instanceof Map<?, ?> tree) {
                tree.forEach((name, value) -> all.put(String.valueOf(name), value));
            }
            if (load(variable) instanceof Map<?, ?> tree) {
                tree.forEach((name, value) -> all.merge(String.valueOf(name), value, name.equals(METADATA) ? ProxyConfigTree::merged : (weaker, stronger) -> stronger));
            }
            if (!probe.isEmpty() && load(probe) instanceof Map<?, ?> tree && !tree.isEmpty()) {
                all.put("readinessProbe", tree);
            }
        } catch (IOException | YamlEngineException e) {
            return Map.of();
        }
        return all;
    }

    private static Object merged(Object weaker, Object stronger) {
        if (!(weaker instanceof Map<?, ?> below) || !(stronger instanceof Map<?, ?> above)) {
            return stronger;
        }
        Map<Object, Object> both = new LinkedHashMap<>(below);
        both.putAll(above);
        return both;
    }

    private static Object load(String text) {
        Object tree = new Load(LoadSettings.builder().setMaxAliasesForCollections(0).build()).loadFromString(text);
        return tree == null ? Map.of() : tree;
    }
}
