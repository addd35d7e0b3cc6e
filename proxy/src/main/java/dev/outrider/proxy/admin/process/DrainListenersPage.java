package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminActions;

/** {@code /drain_listeners}: stops accepting; {@code graceful} lets connections end over the drain time. */
public final class DrainListenersPage implements AdminPage {

    private final AdminActions actions;

    public DrainListenersPage(AdminActions actions) {
        this.actions = actions;
    }


    @Override
    public String path() {
        return "/drain_listeners";
    }

    @Override
    public String purpose() {
        return "drain listeners: graceful, inboundonly";
    }

    @Override
    public boolean mutates() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        actions.drainListeners(request.flag("graceful"), request.flag("inboundonly"));
        return AdminResponse.text("OK\n");
    }
}
