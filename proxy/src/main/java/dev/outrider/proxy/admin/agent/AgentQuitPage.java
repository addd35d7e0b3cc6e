package dev.outrider.proxy.admin.agent;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminActions;

/** {@code POST /quitquitquit} and {@code POST /drain}, from this machine alone: the socket they stand on is open to others. */
public final class AgentQuitPage implements AdminPage {

    private final String path;
    private final String purpose;
    private final Runnable action;

    private AgentQuitPage(String path, String purpose, Runnable action) {
        this.path = path;
        this.purpose = purpose;
        this.action = action;
    }

    public static AgentQuitPage quit(AdminActions actions) {
        return new AgentQuitPage("/quitquitquit", "exit", actions::quit);
    }

    public static AgentQuitPage drain(AdminActions actions) {
        return new AgentQuitPage("/drain", "drain inbound listeners, stay up", () -> actions.drainListeners(true, true));
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public String purpose() {
        return purpose;
    }

    @Override
    public boolean mutates() {
        return true;
    }

    @Override
    public boolean loopbackOnly() {
        return true;
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        return AdminResponse.text("OK\n").then(action);
    }
}
