package dev.outrider.proxy.admin.config;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import dev.outrider.proxy.admin.state.AdminState.ListenerView;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /listeners}: names and bound addresses, as text or envoy.admin.v3.Listeners. */
public final class ListenersPage implements AdminPage {

    private final AdminState state;

    public ListenersPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/listeners";
    }

    @Override
    public String purpose() {
        return "print listener info";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        if (request.value("format").equals("json")) {
            return AdminResponse.json(Map.of("listener_statuses", state.listeners().stream().map(ListenersPage::json).toList()));
        }
        StringBuilder out = new StringBuilder();
        for (ListenerView listener : state.listeners()) {
            out.append(listener.name()).append("::").append(listener.bound()).append('\n');
            listener.additional().forEach(a -> out.append(listener.name()).append("::").append(a).append('\n'));
        }
        return AdminResponse.text(out.toString());
    }

    private static Map<String, Object> json(ListenerView listener) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", listener.name());
        one.put("local_address", ClusterTree.address(listener.bound()));
        if (!listener.additional().isEmpty()) {
            one.put("additional_local_addresses", listener.additional().stream().map(ClusterTree::address).toList());
        }
        return one;
    }
}
