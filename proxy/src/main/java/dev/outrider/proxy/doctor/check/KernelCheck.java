package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the kernel has to offer, and its limits. */
final class KernelCheck implements Check {

    private static final String NAME = "kernel";
    private static final Pattern AVAILABLE = Pattern.compile("MemAvailable:\\s+([0-9]+) kB");
    private static final long LEAST_KILOBYTES = 128 * 1024;

    @Override
    public List<Finding> look(Machine machine) {
        List<Finding> all = new ArrayList<>();
        boolean nft = exists(machine, "/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft");
        if (!nft && !exists(machine, "/usr/sbin/iptables-restore", "/sbin/iptables-restore")) {
            all.add(Finding.error(NAME, "neither nft nor iptables is installed: no traffic can be taken", "apt-get install nftables (or dnf install nftables)"));
        }
        if (!Files.exists(machine.file("/proc/net/nf_conntrack")) && !Files.exists(machine.file("/proc/sys/net/netfilter/nf_conntrack_max"))) {
            all.add(Finding.error(NAME, "connection tracking (nf_conntrack) is not loaded: destinations of taken connections cannot be known",
                    "modprobe nf_conntrack; in a container or a small kernel, on the host"));
        }
        long count = number(machine.text("/proc/sys/net/netfilter/nf_conntrack_count"));
        long max = number(machine.text("/proc/sys/net/netfilter/nf_conntrack_max"));
        if (max > 0 && count * 10 > max * 9) {
            all.add(Finding.warning(NAME, "connection tracking holds " + count + " of " + max + " entries: new connections will be dropped", "sysctl -w net.netfilter.nf_conntrack_max=" + max * 2));
        }
        Matcher available = AVAILABLE.matcher(machine.text("/proc/meminfo"));
        if (available.find() && Long.parseLong(available.group(1)) < LEAST_KILOBYTES && machine.admin("/ready").isEmpty()) {
            all.add(Finding.warning(NAME, "only " + Long.parseLong(available.group(1)) / 1024 + " MiB of memory are free, the sidecar needs about 100", "free some, or add swap"));
        }
        return all.isEmpty() ? List.of(Finding.ok(NAME, (nft ? "nft" : "iptables") + " and connection tracking")) : all;
    }

    private static boolean exists(Machine machine, String... paths) {
        return List.of(paths).stream().anyMatch(path -> Files.exists(machine.file(path)));
    }

    private static long number(String text) {
        return text.strip().matches("[0-9]{1,18}") ? Long.parseLong(text.strip()) : 0;
    }
}
