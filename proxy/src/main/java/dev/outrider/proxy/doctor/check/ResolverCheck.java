package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.util.ArrayList;
import java.util.List;

/** The path of a name on this machine. */
final class ResolverCheck implements Check {

    private static final String NAME = "resolver";

    @Override
    public List<Finding> look(Machine machine) {
        List<Finding> all = new ArrayList<>();
        String resolv = machine.text("/etc/resolv.conf");
        List<String> servers = resolv.lines().map(String::strip).filter(line -> line.startsWith("nameserver ")).map(line -> line.substring(11).strip()).toList();
        if (servers.isEmpty()) {
            all.add(Finding.error(NAME, machine.file("/etc/resolv.conf") + " names no server: nothing resolves, and no rule can take queries", "restore it, or systemctl restart systemd-resolved"));
        } else if (servers.contains("127.0.0.53") && machine.text("/run/systemd/resolve/resolv.conf").isEmpty()) {
            all.add(Finding.error(NAME, "resolv.conf names systemd-resolved's stub, and resolved does not run", "systemctl start systemd-resolved"));
        }
        String hosts = machine.text("/etc/nsswitch.conf").lines().map(String::strip).filter(line -> line.startsWith("hosts:")).findFirst().orElse("hosts: files dns");
        if (!hosts.contains("dns") && !hosts.contains("resolve")) {
            all.add(Finding.error(NAME, "nsswitch.conf asks no DNS for hosts (" + hosts + ")", "add 'dns' to that line"));
        }
        List<String> edited = machine.text("/etc/hosts").lines().filter(line -> line.contains(".svc.cluster.local") && !line.strip().startsWith("#")).toList();
        if (!edited.isEmpty()) {
            all.add(Finding.warning(NAME, "/etc/hosts has names of the mesh, such as '" + edited.getFirst().strip() + "': they hide what the mesh says", "remove them; Outrider answers these names"));
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, "servers " + String.join(", ", servers))) : all;
    }
}
