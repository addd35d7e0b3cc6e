package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;

/** {@code /ready}; {@code ?verbose} adds a line for each reason against it and for each impairment. */
public final class ReadyPage implements AdminPage {

    private final AdminState state;

    public ReadyPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/ready";
    }

    @Override
    public String purpose() {
        return "print server state, return 200 if LIVE, otherwise return 503";
    }

    @Override
    public boolean anyHost() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        AdminState.Readiness readiness = state.readiness();
        StringBuilder out = new StringBuilder(state.serverState()).append('\n');
        if (request.flag("verbose")) {
            readiness.reasons().forEach(r -> out.append(r).append('\n'));
        }
        return AdminResponse.text(readiness.ready() ? 200 : 503, out.toString());
    }
}
