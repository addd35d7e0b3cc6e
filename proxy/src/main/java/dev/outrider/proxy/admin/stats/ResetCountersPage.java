package dev.outrider.proxy.admin.stats;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;

/** {@code /reset_counters}. */
public final class ResetCountersPage implements AdminPage {

    private final AdminState state;

    public ResetCountersPage(AdminState state) {
        this.state = state;
    }


    @Override
    public String path() {
        return "/reset_counters";
    }

    @Override
    public String purpose() {
        return "reset all counters to zero";
    }

    @Override
    public boolean mutates() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        state.stats().stats().resetCounters();
        return AdminResponse.text("OK\n");
    }
}
