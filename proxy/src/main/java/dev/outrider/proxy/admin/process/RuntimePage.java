package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.state.RuntimeLayers;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /runtime}: layers, lowest first, and every key with its value by layer. */
public final class RuntimePage implements AdminPage {

    private final AdminState state;

    public RuntimePage(AdminState state) {
        this.state = state;
    }


    @Override
    public String path() {
        return "/runtime";
    }

    @Override
    public String purpose() {
        return "print runtime values";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        RuntimeLayers runtime = state.runtime();
        Map<String, Object> entries = new LinkedHashMap<>();
        runtime.entries().forEach((key, values) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("layer_values", values);
            entry.put("final_value", values.reversed().stream().filter(v -> !v.isEmpty()).findFirst().orElse(""));
            entries.put(key, entry);
        });
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("layers", runtime.layers().stream().map(RuntimeLayers.Layer::name).toList());
        all.put("entries", entries);
        return AdminResponse.json(all);
    }
}
