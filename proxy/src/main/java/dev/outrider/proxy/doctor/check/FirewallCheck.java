package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rules of others that meet ours. */
final class FirewallCheck implements Check {

    private static final String NAME = "firewall";

    /** {@code table inet filter { chain input { type filter hook input priority filter; policy drop; }}}, or {@code :INPUT DROP}. */
    private static final Pattern DROPPING = Pattern.compile("hook (input|output) [^;]*; policy drop|^:(INPUT|OUTPUT) DROP", Pattern.MULTILINE);

    @Override
    public List<Finding> look(Machine machine) {
        Optional<String> text = machine.ruleset();
        if (text.isEmpty()) {
            return List.of(Finding.warning(NAME, "rules of others can be read by root alone", "sudo outrider doctor"));
        }
        List<Finding> all = new ArrayList<>();
        String rules = text.get();
        Matcher dropping = DROPPING.matcher(rules);
        if (dropping.find()) {
            all.add(Finding.warning(NAME, "a firewall drops by default (" + dropping.group().strip() + "): taken inbound connections arrive on 15006",
                    "let tcp ports 15006 and 15001 pass on this machine, or check that a real request from the mesh arrives"));
        }
        if (rules.contains("ISTIO_INBOUND") || rules.contains("ISTIO_OUTPUT") || rules.contains("istio-proxy-")) {
            all.add(Finding.error(NAME, "rules of Istio's own agent are still there: connections would be taken twice", "stop istio-proxy and run: pilot-agent istio-clean-iptables, or remove the ISTIO_ chains"));
        }
        if (rules.contains("table ip firewalld") || rules.contains("table inet firewalld")) {
            all.add(Finding.warning(NAME, "firewalld is active: its reload flushes what it does not know, other tables stay", "keep outrider-guard.service running"));
        }
        if (rules.contains("DOCKER")) {
            all.add(Finding.warning(NAME, "docker publishes ports here: those of containers reach them before Outrider's inbound rules", "declare a published port in the mesh by the container's address, or publish it on 127.0.0.1"));
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, "nothing in the way")) : all;
    }
}
