package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import dev.outrider.proxy.admin.state.AdminState;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /server_info}: envoy.admin.v3.ServerInfo. */
public final class ServerInfoPage implements AdminPage {

    private final AdminState state;

    public ServerInfoPage(AdminState state) {
        this.state = state;
    }


    @Override
    public String path() {
        return "/server_info";
    }

    @Override
    public String purpose() {
        return "print server version/status information";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        AdminState.Server server = state.server();
        Map<String, Object> info = new LinkedHashMap<>();
        info.put("version", server.version());
        info.put("state", server.state());
        info.put("hot_restart_version", server.hotRestart());
        info.put("command_line_options", server.commandLine());
        info.put("uptime_current_epoch", server.uptimeSeconds() + "s");
        info.put("uptime_all_epochs", server.uptimeSeconds() + "s");
        info.put("node", server.node());
        return AdminResponse.json(info);
    }
}
