package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminActions;

/** {@code /healthcheck/ok}: takes {@code /healthcheck/fail} back. */
public final class HealthCheckOkPage implements AdminPage {

    private final AdminActions actions;

    public HealthCheckOkPage(AdminActions actions) {
        this.actions = actions;
    }


    @Override
    public String path() {
        return "/healthcheck/ok";
    }

    @Override
    public String purpose() {
        return "cause the server to pass health checks";
    }

    @Override
    public boolean mutates() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        actions.failHealthCheck(false);
        return AdminResponse.text("OK\n");
    }
}
