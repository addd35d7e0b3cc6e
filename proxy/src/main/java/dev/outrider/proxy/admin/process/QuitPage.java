package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminActions;

/** {@code /quitquitquit}: ends the process as SIGTERM does. */
public final class QuitPage implements AdminPage {

    private final AdminActions actions;

    public QuitPage(AdminActions actions) {
        this.actions = actions;
    }


    @Override
    public String path() {
        return "/quitquitquit";
    }

    @Override
    public String purpose() {
        return "exit the server";
    }

    @Override
    public boolean mutates() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        return AdminResponse.text("OK\n").then(actions::quit);
    }
}
