package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.util.ArrayList;
import java.util.List;

/** The service user, and whether the one who asks is excluded: the first thing to know when one's own requests do not go through the mesh. */
final class UserCheck implements Check {

    private static final String NAME = "user";

    @Override
    public List<Finding> look(Machine machine) {
        List<Finding> all = new ArrayList<>();
        String service = machine.setting("interception.user");
        if (machine.text("/etc/passwd").lines().noneMatch(line -> line.startsWith(service + ":"))) {
            all.add(Finding.error(NAME, "there is no user " + service + ", as whom the sidecar runs",
                    "install the package, or: useradd --system --home-dir /var/lib/istio --shell /usr/sbin/nologin " + service));
        }
        if (machine.user().equals("root") || machine.user().equals(service)) {
            all.add(Finding.warning(NAME, "you are " + machine.user() + ", whose own requests " + (machine.user().equals("root") ? "may go direct" : "go direct"),
                    "try them as another user, for example: sudo -u nobody curl ..."));
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, "you are " + machine.user() + "; the sidecar runs as " + service)) : all;
    }
}
