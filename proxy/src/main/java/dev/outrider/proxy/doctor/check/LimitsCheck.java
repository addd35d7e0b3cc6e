package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import dev.outrider.proxy.doctor.machine.SidecarStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Files that the running sidecar may open: a connection through it takes two. */
final class LimitsCheck implements Check {

    private static final String NAME = "limits";

    /** For a thousand connections and what the process itself needs. */
    private static final long ENOUGH = 4_096;

    @Override
    public List<Finding> look(Machine machine) {
        Optional<Map<?, ?>> status = SidecarStatus.of(machine);
        long most = status.map(map -> number(map.get("open_files_limit"))).orElse(-1L);
        long open = status.map(map -> number(map.get("open_files"))).orElse(-1L);
        if (most < 0) {
            return List.of(Finding.ok(NAME, "not known while no sidecar runs"));
        }
        if (most < ENOUGH) {
            return List.of(Finding.warning(NAME, "the sidecar may open " + most + " files: enough for about " + most / 2 + " connections",
                    "start it by its unit, which has LimitNOFILE=65536, or: ulimit -n 65536"));
        }
        if (open * 5 > most * 4) {
            return List.of(Finding.warning(NAME, "the sidecar has " + open + " of " + most + " files open: soon it takes no more connections",
                    "raise LimitNOFILE by 'systemctl edit outrider', and see in outrider status who holds connections"));
        }
        return List.of(Finding.ok(NAME, open + " files open of " + most));
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : -1;
    }
}
