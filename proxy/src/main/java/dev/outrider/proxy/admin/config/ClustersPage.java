package dev.outrider.proxy.admin.config;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import java.util.Map;

/** {@code /clusters}: hosts of every cluster with their state, as text or JSON. */
public final class ClustersPage implements AdminPage {

    private final AdminState state;

    public ClustersPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/clusters";
    }

    @Override
    public String purpose() {
        return "upstream cluster status";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        if (request.value("format").equals("json")) {
            return AdminResponse.json(Map.of("cluster_statuses", state.clusters().stream().map(ClusterTree::json).toList()));
        }
        StringBuilder out = new StringBuilder(4096);
        state.clusters().forEach(c -> ClusterTree.text(c, out));
        return AdminResponse.text(out.toString());
    }
}
