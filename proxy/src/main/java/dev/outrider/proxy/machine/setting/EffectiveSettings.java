package dev.outrider.proxy.machine.setting;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/**
 * What holds on this machine, and who said it. A later source wins: the defaults, {@code mesh.yaml} ({@code defaultConfig}), the variable
 * {@code PROXY_CONFIG}, {@code cluster.env}, {@code sidecar.env}, {@code outrider.yaml}. An empty value counts as not set.
 *
 * @param values by variable name, those that are no setting of the catalog included ({@code ISTIO_META_*} become node metadata)
 * @param errors each names the file, the line, the setting and its accepted form
 */
public record EffectiveSettings(Map<String, Value> values, List<String> errors) {

    /** Istio's ProxyConfig as YAML or JSON in a variable: {@code defaultConfig} of mesh.yaml, and stronger than it. */
    public static final String PROXY_CONFIG = "PROXY_CONFIG";

    /** The section of {@code outrider.yaml} that holds variables. */
    private static final String VARIABLES = "environment.";

    /** @param origin {@code file:line} */
    public record Value(String text, String origin) {}

    /** A setting as it holds now. */
    public record Effective(Setting setting, String text, String origin) {}

    public static EffectiveSettings read(Places places) {
        Map<String, Value> values = new TreeMap<>();
        List<String> errors = new ArrayList<>();
        mesh(places.meshConfig(), values, errors);
        Map<String, Value> stronger = new TreeMap<>();
        environment(EnvFile.read(places.clusterEnv()), stronger, errors);
        environment(EnvFile.read(places.sidecarEnv()), stronger, errors);
        YamlLines own = own(places.own(), errors);
        environment(own, stronger, errors);
        inVariable(stronger.get(PROXY_CONFIG), values, errors);
        values.putAll(stronger);
        settings(own, values, errors);
        return new EffectiveSettings(values, List.copyOf(errors));
    }

    /** Texts by variable name: what the parts of Outrider read. */
    public Map<String, String> environment() {
        Map<String, String> texts = new LinkedHashMap<>();
        values.forEach((name, value) -> texts.put(name, value.text()));
        return texts;
    }

    /** {@code file:line: name}, the name as that file has it, for an error that only a setting's user can see. */
    public String label(String variable) {
        Value value = values.get(variable);
        return value == null ? variable : value.origin() + ": " + nameIn(value.origin(), variable);
    }

    private static String nameIn(String origin, String variable) {
        return origin.contains(".env:") ? variable : Settings.byVariable(variable).map(Setting::path).orElse(variable);
    }

    /** Every setting of the catalog, defaults included, in its order. */
    public List<Effective> effective() {
        return Settings.all().stream().map(setting -> setting.variables().stream().map(values::get)
                .flatMap(value -> Optional.ofNullable(value).stream()).findFirst()
                .map(value -> new Effective(setting, value.text(), value.origin()))
                .orElseGet(() -> new Effective(setting, setting.fallback(), "default"))).toList();
    }

    /** Variables that are no setting of the catalog. */
    public Map<String, Value> others() {
        Map<String, Value> all = new TreeMap<>(values);
        all.keySet().removeIf(name -> Settings.byVariable(name).isPresent());
        return all;
    }

    private static void mesh(Path path, Map<String, Value> values, List<String> errors) {
        String defaults = "defaultConfig.";
        YamlLines file = YamlLines.read(path, at -> at.equals(defaults + "readinessProbe"));
        errors.addAll(file.errors());
        file.entries().forEach((name, entry) -> {
            if (name.startsWith(defaults)) {
                proxyConfig(name.substring(defaults.length()), entry.text(','), path + ":" + entry.line(), values, errors);
            }
        });
    }

    private static void inVariable(@Nullable Value variable, Map<String, Value> values, List<String> errors) {
        if (variable == null) {
            return;
        }
        YamlLines tree = YamlLines.parse(Path.of(PROXY_CONFIG), variable.text(), "readinessProbe"::equals);
        tree.errors().forEach(error -> errors.add(variable.origin() + ": " + error + "; expected Istio's ProxyConfig as YAML or JSON"));
        tree.entries().forEach((name, entry) -> proxyConfig(name, entry.text(','), variable.origin(), values, errors));
    }

    private static void proxyConfig(String name, String text, String origin, Map<String, Value> values, List<String> errors) {
        String variables = "proxyMetadata.";
        String variable = switch (name) {
            case "discoveryAddress" -> "PILOT_ADDRESS";
            case "readinessProbe" -> "OUTRIDER_READINESS_PROBE";
            case "concurrency" -> "OUTRIDER_CONCURRENCY";
            case "terminationDrainDuration" -> "OUTRIDER_DRAIN_TIME";
            default -> name.startsWith(variables) ? name.substring(variables.length()) : "";
        };
        if (!variable.isEmpty()) {
            put(values, errors, variable, text, origin);
        }
    }

    private static void environment(EnvFile file, Map<String, Value> values, List<String> errors) {
        errors.addAll(file.errors());
        file.values().forEach((name, text) -> put(values, errors, name, text, file.path() + ":" + file.lines().getOrDefault(name, 0)));
    }

    private static YamlLines own(Path path, List<String> errors) {
        YamlLines file = YamlLines.read(path, at -> Settings.byPath(at).filter(setting -> setting.form() == Form.OBJECT).isPresent());
        errors.addAll(file.errors());
        return file;
    }

    private static void environment(YamlLines own, Map<String, Value> values, List<String> errors) {
        own.entries().forEach((name, entry) -> {
            if (name.startsWith(VARIABLES)) {
                put(values, errors, name.substring(VARIABLES.length()), entry.text(','), own.path() + ":" + entry.line());
            }
        });
    }

    private static void settings(YamlLines own, Map<String, Value> values, List<String> errors) {
        own.entries().forEach((name, entry) -> {
            String origin = own.path() + ":" + entry.line();
            Optional<Setting> setting = Settings.byPath(name);
            if (name.startsWith(VARIABLES) || entry.text(',').isBlank() && Settings.isSection(name)) {
                return;
            }
            if (setting.isEmpty()) {
                errors.add(origin + ": " + unknown(name));
            } else if (entry.node() instanceof MappingNode && setting.get().form() != Form.OBJECT) {
                errors.add(origin + ": " + name + " must be " + setting.get().accepted());
            } else {
                // One name of a setting must not outlive another that is stronger.
                setting.get().variables().forEach(values::remove);
                put(values, errors, setting.get().variable(), entry.text(setting.get().form().separator()), origin);
            }
        });
    }

    private static void put(Map<String, Value> values, List<String> errors, String variable, String text, String origin) {
        Optional<Setting> setting = Settings.byVariable(variable);
        if (setting.isPresent() && !setting.get().form().admits(text)) {
            errors.add(origin + ": " + nameIn(origin, variable) + " is '" + (text.length() > 60 ? text.substring(0, 57) + "..." : text) + "' and must be " + setting.get().accepted());
        } else if (!text.isBlank()) {
            values.put(variable, new Value(text.strip(), origin));
        }
    }

    private static String unknown(String name) {
        return Settings.all().stream().map(Setting::path).min(Comparator.comparingInt(path -> distance(path, name)))
                .filter(path -> distance(path, name) <= Math.max(3, name.length() / 3))
                .map(path -> "'" + name + "' is no setting; did you mean " + path + "?")
                .orElse("'" + name + "' is no setting; 'outrider config sample' lists them all");
    }

    /** Levenshtein's, over short names. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
