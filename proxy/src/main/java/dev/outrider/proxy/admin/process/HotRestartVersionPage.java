package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;

/** {@code /hot_restart_version}: there is no hot restart. */
public final class HotRestartVersionPage implements AdminPage {

    private final AdminState state;

    public HotRestartVersionPage(AdminState state) {
        this.state = state;
    }


    @Override
    public String path() {
        return "/hot_restart_version";
    }

    @Override
    public String purpose() {
        return "print the hot restart compatibility version";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        return AdminResponse.text(state.server().hotRestart() + "\n");
    }
}
