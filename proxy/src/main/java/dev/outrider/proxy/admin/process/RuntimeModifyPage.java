package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;

/** {@code /runtime_modify}: values of the admin layer. */
public final class RuntimeModifyPage implements AdminPage {

    private final AdminState state;

    public RuntimeModifyPage(AdminState state) {
        this.state = state;
    }


    @Override
    public String path() {
        return "/runtime_modify";
    }

    @Override
    public String purpose() {
        return "Adds or modifies runtime values as passed in query parameters. To delete a previously added key, use an empty string as the value.";
    }

    @Override
    public boolean mutates() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        if (request.query().isEmpty()) {
            return AdminResponse.text(400, "usage: /runtime_modify?key1=value1&key2=value2&keyN=valueN\n"
                    + "or send the parameters as form values\nuse an empty value to remove a previously added override");
        }
        if (!state.runtime().modifiable()) {
            return AdminResponse.text(503, "No admin layer specified\n");
        }
        return state.runtime().modify(request.query()) ? AdminResponse.text("OK\n") : AdminResponse.text(400, "too many overrides\n");
    }
}
