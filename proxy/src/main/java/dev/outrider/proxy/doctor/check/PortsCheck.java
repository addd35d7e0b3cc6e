package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Ports that the sidecar needs and another process has. */
final class PortsCheck implements Check {

    private static final String NAME = "ports";
    private static final String LISTENING = "0A";
    private static final List<Integer> FIXED = List.of(15000, 15001, 15006, 15053);
    private static final List<String> CONFIGURED = List.of("ports.status", "ports.health", "ports.metrics", "ports.explicit");

    @Override
    public List<Finding> look(Machine machine) {
        if (machine.admin("/ready").isPresent()) {
            return List.of(Finding.ok(NAME, "the running sidecar has them"));
        }
        Set<Integer> taken = new TreeSet<>();
        listening(machine.text("/proc/net/tcp"), taken);
        listening(machine.text("/proc/net/tcp6"), taken);
        List<Finding> all = new ArrayList<>();
        for (int port : needed(machine)) {
            if (taken.contains(port)) {
                all.add(Finding.error(NAME, "port " + port + " is taken by another process", "ss -ltnp 'sport = :" + port + "' names it; a second sidecar (istio-proxy, pilot-agent) must be removed first"));
            }
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, "all free")) : all;
    }

    private static Set<Integer> needed(Machine machine) {
        Set<Integer> ports = new TreeSet<>(FIXED);
        for (String setting : CONFIGURED) {
            String value = machine.setting(setting);
            // What is no port is SettingsCheck's to say.
            if (value.matches("[0-9]{1,5}")) {
                ports.add(Integer.parseInt(value));
            }
        }
        return ports;
    }

    /** Lines of proc_pid_net(5): {@code sl local_address rem_address st …}, the port in hexadecimal after the address. */
    private static void listening(String table, Set<Integer> into) {
        for (String line : table.split("\n", -1)) {
            String[] columns = line.strip().split("\\s+", -1);
            if (columns.length > 3 && columns[3].equals(LISTENING) && columns[1].matches("[0-9A-Fa-f]+:[0-9A-Fa-f]{4}")) {
                into.add(Integer.parseInt(columns[1].substring(columns[1].indexOf(':') + 1), 16));
            }
        }
    }
}
