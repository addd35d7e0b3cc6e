package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What the running sidecar says of itself. */
final class SidecarCheck implements Check {

    private static final String NAME = "sidecar";

    @Override
    public List<Finding> look(Machine machine) {
        Optional<String> ready = machine.admin("/ready?verbose");
        if (ready.isEmpty()) {
            return List.of(Finding.error(NAME, "it does not run, or its admin address 127.0.0.1:15000 does not answer", "systemctl start outrider; journalctl -u outrider says why it ended"));
        }
        List<String> lines = ready.get().lines().toList();
        String state = lines.isEmpty() ? "" : lines.getFirst();
        List<Finding> all = new ArrayList<>();
        for (String reason : lines.subList(Math.min(1, lines.size()), lines.size())) {
            all.add(Finding.warning(NAME, reason, remedy(reason.toLowerCase(Locale.ROOT))));
        }
        if (!state.equals("LIVE")) {
            all.add(Finding.error(NAME, "it is not ready: " + state, "the lines beside this one say what it waits for; journalctl -u outrider has more"));
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, "LIVE")) : all;
    }

    private static String remedy(String reason) {
        if (reason.contains("policy") || reason.contains("reject")) {
            return "the configuration named there was refused and its last version serves: change it, or see 'Security' in the README for what is not built";
        }
        if (reason.contains("certificate") || reason.contains("expire")) {
            return "see the certificate findings above";
        }
        if (reason.contains("control plane") || reason.contains("xds")) {
            return "see the control plane findings above; what was last accepted is served meanwhile";
        }
        return "outrider explain traces one request through it";
    }
}
