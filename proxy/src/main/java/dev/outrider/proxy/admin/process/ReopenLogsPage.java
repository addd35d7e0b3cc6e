package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminActions;

/** {@code /reopen_logs}: after a log was rotated. */
public final class ReopenLogsPage implements AdminPage {

    private final AdminActions actions;

    public ReopenLogsPage(AdminActions actions) {
        this.actions = actions;
    }


    @Override
    public String path() {
        return "/reopen_logs";
    }

    @Override
    public String purpose() {
        return "reopen access logs";
    }

    @Override
    public boolean mutates() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        actions.reopenLogs();
        return AdminResponse.text("OK\n");
    }
}
