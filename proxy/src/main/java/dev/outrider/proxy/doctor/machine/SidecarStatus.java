package dev.outrider.proxy.doctor.machine;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** What the running sidecar says at {@code /status?format=json}. Pure. */
public final class SidecarStatus {

    private SidecarStatus() {}

    /** Empty when none runs, or when what runs is no sidecar of this version. */
    public static Optional<Map<?, ?>> of(Machine machine) {
        try {
            Optional<String> text = machine.admin("/status?format=json");
            Object tree = text.isEmpty() ? null : new Load(LoadSettings.builder().build()).loadFromString(text.get());
            return tree instanceof Map<?, ?> map ? Optional.of(map) : Optional.empty();
        } catch (YamlEngineException e) {
            return Optional.empty();
        }
    }

    public static List<String> texts(@Nullable Object list) {
        return list instanceof List<?> all ? all.stream().map(String::valueOf).toList() : List.of();
    }
}
