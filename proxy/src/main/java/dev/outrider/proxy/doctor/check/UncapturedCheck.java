package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What programs need that come without interception: names that lead here, and listeners at the services' ports. */
final class UncapturedCheck implements Check {

    private static final String NAME = "uncaptured";
    private static final String FIRST_PORT = "/proc/sys/net/ipv4/ip_unprivileged_port_start";

    /** The lowest port that services commonly have. */
    private static final int HTTP = 80;

    @Override
    public List<Finding> look(Machine machine) {
        String range = machine.setting("ports.services");
        if (range.isBlank()) {
            return List.of(Finding.ok(NAME, "no listeners of services are asked for"));
        }
        List<Finding> all = new ArrayList<>();
        if (!Set.of("true", "1", "t").contains(machine.setting("dns.enabled").toLowerCase(Locale.ROOT))) {
            all.add(Finding.warning(NAME, "services have listeners in " + range + " (ports.services), but no name leads to them: dns.enabled is off",
                    "switch dns.enabled on and let programs ask dns.listen, or give them the SOCKS5 and CONNECT port (ports.explicit)"));
        }
        String first = machine.text(FIRST_PORT).strip();
        if (first.matches("[0-9]{1,5}") && Integer.parseInt(first) > HTTP) {
            all.add(Finding.warning(NAME, "services at ports below " + first + " get no listener in " + range + " (ports.services): the service user lacks the right",
                    "sysctl -w net.ipv4.ip_unprivileged_port_start=" + HTTP + ", then restart; or use the SOCKS5 and CONNECT port (ports.explicit)"));
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, "services listen in " + range)) : all;
    }
}
