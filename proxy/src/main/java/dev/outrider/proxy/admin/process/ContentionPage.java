package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;

/** {@code /contention}: locks are not traced, and the hot path has none. */
public final class ContentionPage implements AdminPage {


    @Override
    public String path() {
        return "/contention";
    }

    @Override
    public String purpose() {
        return "dump current Envoy mutex contention stats (if enabled)";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        return AdminResponse.text("Mutex contention tracing is not enabled. To enable, run Envoy with flag --enable-mutex-tracing.");
    }
}
