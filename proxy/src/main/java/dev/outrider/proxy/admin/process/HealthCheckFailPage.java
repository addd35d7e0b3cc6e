package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminActions;

/** {@code /healthcheck/fail}: not ready, and clients are told to go elsewhere. */
public final class HealthCheckFailPage implements AdminPage {

    private final AdminActions actions;

    public HealthCheckFailPage(AdminActions actions) {
        this.actions = actions;
    }


    @Override
    public String path() {
        return "/healthcheck/fail";
    }

    @Override
    public String purpose() {
        return "cause the server to fail health checks";
    }

    @Override
    public boolean mutates() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        actions.failHealthCheck(true);
        return AdminResponse.text("OK\n");
    }
}
