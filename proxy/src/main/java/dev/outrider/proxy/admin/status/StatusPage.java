package dev.outrider.proxy.admin.status;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import java.time.Instant;

/** {@code /status}: 200 when traffic may be sent here, else 503, both with the same screen. {@code format=json} for scripts. */
public final class StatusPage implements AdminPage {

    private final AdminState state;

    public StatusPage(AdminState state) {
        this.state = state;
    }

    @Override
    public String path() {
        return "/status";
    }

    @Override
    public String purpose() {
        return "print how the process is: state, identity, control plane, DNS, interception, traffic, warnings";
    }

    /** Settings and rules are read from files. */
    @Override
    public boolean waits() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        Status status = Status.of(state);
        AdminResponse shown = request.value("format").equals("json")
                ? AdminResponse.json(StatusJson.of(status))
                : AdminResponse.text(StatusText.of(status, Instant.now()));
        return new AdminResponse(status.readiness().ready() ? 200 : 503, shown.contentType(), shown.body(), shown.afterwards());
    }
}
