package dev.outrider.proxy.admin.agent;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;

/** {@code /healthz/ready}: 200 while traffic may be sent here, else 503 with a reason a line. Unlike Istio's agent it never remembers a success. */
public final class HealthzReadyPage implements AdminPage {

    private final AdminState state;

    public HealthzReadyPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/healthz/ready";
    }

    @Override
    public String purpose() {
        return "200 if ready, otherwise 503 and why";
    }

    @Override
    public boolean anyHost() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        AdminState.Readiness readiness = state.readiness();
        return readiness.ready() ? AdminResponse.text("") : AdminResponse.text(503, String.join("\n", readiness.reasons()) + "\n");
    }
}
