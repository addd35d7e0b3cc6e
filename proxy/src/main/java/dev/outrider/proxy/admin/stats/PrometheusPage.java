package dev.outrider.proxy.admin.stats;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;

/** {@code /stats/prometheus}, the same as {@code /stats?format=prometheus}. */
public final class PrometheusPage implements AdminPage {

    private final AdminState state;

    public PrometheusPage(AdminState state) {
        this.state = state;
    }


    @Override
    public String path() {
        return "/stats/prometheus";
    }

    @Override
    public String purpose() {
        return "print server stats in prometheus format";
    }

    @Override
    public boolean anyHost() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        return StatsPage.prometheus(state.stats(), request);
    }
}
