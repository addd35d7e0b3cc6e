package dev.outrider.proxy.admin.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** envoy.config.bootstrap.v3.LayeredRuntime: static layers, and the admin layer on top when there is one. Any thread. */
public final class RuntimeLayers {

    /** Bound on what {@code /runtime_modify} may add in all: the values are kept for ever. */
    private static final int MAX_OVERRIDES = 1000;

    /** Values are text, as Envoy shows them. */
    public record Layer(String name, Map<String, String> values) {}

    private final List<Layer> fixed;
    private final String adminLayer;
    private volatile Map<String, String> overrides = Map.of();

    /** {@code adminLayer}: its name, or "" where the bootstrap has none. */
    public RuntimeLayers(List<Layer> fixed, String adminLayer) {
        this.fixed = List.copyOf(fixed);
        this.adminLayer = adminLayer;
    }

    public boolean modifiable() {
        return !adminLayer.isEmpty();
    }

    /** An empty value takes an override back. False: there would be too many. */
    public synchronized boolean modify(Map<String, String> changes) {
        Map<String, String> next = new LinkedHashMap<>(overrides);
        changes.forEach((key, value) -> {
            if (value.isEmpty()) {
                next.remove(key);
            } else {
                next.put(key, value);
            }
        });
        if (next.size() > MAX_OVERRIDES) {
            return false;
        }
        overrides = Map.copyOf(next);
        return true;
    }

    /** Lowest first. */
    public List<Layer> layers() {
        List<Layer> all = new ArrayList<>(fixed);
        if (modifiable()) {
            all.add(new Layer(adminLayer, overrides));
        }
        return List.copyOf(all);
    }

    /** Keys to their values by layer, "" where a layer is silent. */
    public Map<String, List<String>> entries() {
        List<Layer> layers = layers();
        Map<String, List<String>> all = new TreeMap<>();
        for (Layer layer : layers) {
            for (String key : layer.values().keySet()) {
                all.computeIfAbsent(key, k -> layers.stream().map(l -> l.values().getOrDefault(k, "")).toList());
            }
        }
        return all;
    }
}
