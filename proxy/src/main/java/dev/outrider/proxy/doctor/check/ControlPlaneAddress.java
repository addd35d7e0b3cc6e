package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import dev.outrider.proxy.machine.MachineConfig;
import java.util.List;

/** Where the sidecar would connect to, by the same reading of the settings as its own. */
final class ControlPlaneAddress {

    /** @param failure empty, or why there is none */
    record At(String host, int port, List<String> names, String failure) {}

    At of(Machine machine) {
        try {
            MachineConfig config = MachineConfig.read(machine.places(), List.of("127.0.0.1"), "machine");
            return new At(config.discovery().host(), config.discovery().port(), config.discoverySans(), "");
        } catch (MachineConfig.InvalidMachineConfig e) {
            return new At("", 0, List.of(), "it cannot be told from the settings");
        }
    }
}
