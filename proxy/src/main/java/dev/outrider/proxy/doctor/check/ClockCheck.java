package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.nio.file.Files;
import java.util.List;

/** Whether something keeps the clock right. What a wrong clock has done already, the certificates' own checks say. */
final class ClockCheck implements Check {

    private static final String NAME = "clock";

    @Override
    public List<Finding> look(Machine machine) {
        // systemd-timesyncd makes the directory when it starts and the file when it has synchronised.
        if (Files.exists(machine.file("/run/systemd/timesync")) && !Files.exists(machine.file("/run/systemd/timesync/synchronized"))) {
            return List.of(Finding.warning(NAME, "systemd-timesyncd has not reached a time server since boot: the clock may drift until certificates look expired",
                    "timedatectl timesync-status says why; UDP 123 must be open, or another server be named in timesyncd.conf"));
        }
        return List.of(Finding.ok(NAME, machine.now().toString()));
    }
}
