package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import dev.outrider.proxy.doctor.machine.SidecarStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** This machine as the control plane sees it: what the running sidecar was told of its own address. */
final class RegistrationCheck implements Check {

    private static final String NAME = "registration";

    @Override
    public List<Finding> look(Machine machine) {
        Optional<Map<?, ?>> status = SidecarStatus.of(machine);
        if (status.isEmpty() || !(status.get().get("control_plane") instanceof Map<?, ?> plane) || plane.get("connected_since") == null) {
            return List.of(Finding.ok(NAME, "not known while no sidecar is connected to the control plane"));
        }
        List<String> known = SidecarStatus.texts(plane.get("registered"));
        if (known.isEmpty()) {
            String ports = machine.setting("interception.inboundPorts");
            String group = machine.setting("workload.group");
            if (ports.isEmpty() && group.isEmpty()) {
                return List.of(Finding.ok(NAME, "no service is offered here (interception.inboundPorts is empty)"));
            }
            return List.of(group.isEmpty()
                    ? Finding.warning(NAME, "no service of the mesh is at this machine's address: nobody calls ports " + ports,
                            "outrider register NAME PORT | kubectl apply -f -; or name a WorkloadGroup in workload.group, which registers by itself")
                    : Finding.warning(NAME, "WorkloadGroup " + group + " has not made this machine an endpoint of a service",
                            "kubectl get workloadentry -n " + machine.setting("workload.namespace") + " shows its entry; a Service must select the group's labels"));
        }
        List<Finding> all = new ArrayList<>();
        for (String line : known) {
            if (line.endsWith(" UNHEALTHY") || line.endsWith(" DRAINING") || line.endsWith(" TIMEOUT")) {
                all.add(Finding.warning(NAME, "the control plane sends nobody here: " + line, "see the probe of the workload (workload.probe, or readinessProbe in mesh.yaml)"));
            }
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, String.join(", ", known))) : all;
    }
}
