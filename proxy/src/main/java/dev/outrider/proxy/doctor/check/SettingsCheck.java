package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.util.ArrayList;
import java.util.List;

/** What the operator's files say, and what they leave out. */
final class SettingsCheck implements Check {

    private static final String NAME = "settings";

    @Override
    public List<Finding> look(Machine machine) {
        List<Finding> all = new ArrayList<>();
        for (String error : machine.settings().errors()) {
            all.add(Finding.error(NAME, error, "correct that line; 'outrider config check' says when it is right"));
        }
        if (machine.settings().values().isEmpty() && all.isEmpty()) {
            all.add(Finding.error(NAME, machine.places().clusterEnv() + " is missing or empty",
                    "copy the cluster.env that was made for this machine there, or run 'outrider join' with its bundle"));
            return all;
        }
        if (machine.setting("interception.serviceRanges").isEmpty() && machine.setting("interception.outboundPorts").isEmpty()) {
            all.add(Finding.warning(NAME, "no destination goes through the mesh: interception.serviceRanges (ISTIO_SERVICE_CIDR) is empty",
                    "set it to the cluster's service range, or to '*'"));
        }
        if (List.of(machine.setting("interception.inboundPorts").split(",", -1)).contains("22")) {
            all.add(Finding.warning(NAME, "interception.inboundPorts (ISTIO_INBOUND_PORTS) names 22: SSH is never taken", "remove it from the list"));
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, machine.settings().values().size() + " values, each of an accepted form")) : all;
    }
}
