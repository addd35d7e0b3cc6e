package dev.outrider.proxy.manual;

import dev.outrider.proxy.machine.setting.Setting;
import dev.outrider.proxy.machine.setting.Settings;

/** outrider.yaml(5): the catalog of settings. */
final class SettingsPage {

    private SettingsPage() {}

    static String of(String version) {
        Roff page = new Roff("outrider.yaml", 5, version, "File formats")
                .section("NAME").text("outrider.yaml - settings of the mesh sidecar of this machine")
                .section("DESCRIPTION")
                .text("/etc/outrider/outrider.yaml says in one file what cluster.env, sidecar.env and mesh.yaml say in three. Nothing in it is needed where those say it; a value given in it "
                        + "wins over sidecar.env, that over cluster.env, that over a ProxyConfig in their variable PROXY_CONFIG, that over mesh.yaml. Variables that are no setting of their own go below 'environment:'.")
                .paragraph("'outrider config show --origin' prints what holds and which line of which file said so; 'outrider config check' names what is wrong.");
        String section = "";
        for (Setting setting : Settings.all()) {
            String first = setting.path().split("[.]", 2)[0];
            if (!first.equals(section)) {
                section = first;
                page.section(first);
            }
            String fallback = setting.fallback().isEmpty() ? "" : " Default: " + setting.fallback() + ".";
            page.item(setting.path(), setting.text() + " Accepted: " + setting.accepted() + "." + fallback + " In the environment: " + String.join(", ", setting.variables()) + ".");
        }
        return page.section("EXAMPLE").example("""
                        interception:
                          serviceRanges: [10.96.0.0/12]
                          inboundPorts: [8080]
                        workload:
                          namespace: default
                          serviceAccount: vmhttp
                        """)
                .section("SEE ALSO").text("outrider(8)")
                .toString();
    }
}
