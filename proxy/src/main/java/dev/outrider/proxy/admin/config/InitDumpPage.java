package dev.outrider.proxy.admin.config;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /init_dump}: envoy.admin.v3.UnreadyTargetsDumps, what initialisation still waits for; {@code mask} names one kind. */
public final class InitDumpPage implements AdminPage {

    private final AdminState state;

    public InitDumpPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/init_dump";
    }

    @Override
    public String purpose() {
        return "dump current Envoy init manager information (experimental)";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        String mask = request.value("mask");
        List<Object> dumps = new ArrayList<>();
        state.readiness().waiting().forEach((kind, names) -> {
            if (!names.isEmpty() && (mask.isEmpty() || mask.equals(kind))) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", "init manager " + kind);
                one.put("target_names", names);
                dumps.add(one);
            }
        });
        return AdminResponse.json(dumps.isEmpty() ? Map.of() : Map.of("unready_targets_dumps", dumps));
    }
}
