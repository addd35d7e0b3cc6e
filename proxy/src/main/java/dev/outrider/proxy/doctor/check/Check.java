package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.util.List;

/** One thing that is looked at. */
public interface Check {

    List<Finding> look(Machine machine);

    /** All of them, in the order in which a person would look: files, then the machine, then the way to the control plane, then the running sidecar. */
    static List<Check> all() {
        return List.of(
                new SettingsCheck(), new UserCheck(), new CertificateFilesCheck(), new FileModesCheck(), new TokenCheck(), new ClockCheck(), new PortsCheck(), new UncapturedCheck(), new KernelCheck(),
                new RulesCheck(), new FirewallCheck(), new ResolverCheck(), new ControlPlaneCheck(), new SidecarCheck(), new LimitsCheck(), new RegistrationCheck());
    }
}
