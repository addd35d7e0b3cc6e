package dev.outrider.proxy.intercept.resolver;

import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.RuleRunner;
import dev.outrider.proxy.machine.LocalAddresses;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Split DNS: a link without traffic, to which systemd-resolved is told that the mesh's zones belong (systemd#31674 advises links over global
 * settings). Everything else is asked as before. Gone after a reboot, with the kernel's link.
 */
final class ResolvedLinkAdapter implements ResolverAdapter {
    private static final String LINK = LocalAddresses.DNS_LINK;

    /** RFC 7600: IPv4's address for a host that needs one and talks to nobody. resolved ignores links without an address of global scope. */
    private static final String ADDRESS = "192.0.0.8/32";

    /** Neither resolves by multicast on this link nor expects signatures or TLS of the shim. */
    private static final List<List<String>> SETTINGS = List.of(
            List.of("default-route", LINK, "no"), List.of("llmnr", LINK, "no"), List.of("mdns", LINK, "no"), List.of("dnssec", LINK, "no"),
            List.of("dnsovertls", LINK, "no"));

    private final RuleRunner tools;
    private final Path running;

    ResolvedLinkAdapter(RuleRunner tools, Path root) {
        this.tools = tools;
        this.running = root.resolve("run/systemd/resolve/resolv.conf");
    }

    @Override
    public List<String> describe(ResolverPlan plan) {
        return Stream.concat(Stream.of(added("dummy")), commands(plan).stream()).map(argv -> String.join(" ", argv)).toList();
    }

    @Override
    public void check(ResolverPlan plan, boolean again) throws RuleException {
        if (!tools.has("resolvectl") || !Files.exists(running)) {
            throw new RuleException("systemd-resolved does not run here (no " + running + "): use another mode, such as redirect");
        }
        if (isThere() && !again) {
            throw new RuleException("there is a link " + LINK + " that Outrider did not make: ip link del " + LINK);
        }
    }

    @Override
    public void apply(ResolverPlan plan) throws RuleException {
        if (differences(plan).isEmpty()) {
            return;
        }
        // Kernels for small machines lack dummy links; a bridge without ports carries as little.
        if (!isThere() && !tools.run(added("dummy"), "").ok()) {
            must(added("bridge"));
        }
        for (List<String> argv : commands(plan)) {
            must(argv);
        }
        flush();
    }

    private static List<String> added(String type) {
        return List.of("ip", "link", "add", LINK, "type", type);
    }

    private static List<List<String>> commands(ResolverPlan plan) {
        List<List<String>> all = new ArrayList<>();
        all.add(List.of("ip", "addr", "replace", ADDRESS, "dev", LINK));
        all.add(List.of("ip", "link", "set", LINK, "up"));
        List<String> domains = new ArrayList<>(List.of("resolvectl", "domain", LINK));
        domains.addAll(plan.domains());
        all.add(domains);
        SETTINGS.forEach(setting -> {
            List<String> argv = new ArrayList<>(List.of("resolvectl"));
            argv.addAll(setting);
            all.add(argv);
        });
        // Last: until there is a server, nothing is asked here.
        all.add(List.of("resolvectl", "dns", LINK, plan.server()));
        return all;
    }

    @Override
    public List<String> differences(ResolverPlan plan) throws RuleException {
        if (!isThere()) {
            return List.of("no link " + LINK);
        }
        List<String> missing = new ArrayList<>();
        compare("dns", List.of(plan.server()), missing);
        compare("domain", plan.domains(), missing);
        compare("default-route", List.of("no"), missing);
        return missing;
    }

    private void compare(String what, List<String> wanted, List<String> missing) throws RuleException {
        RuleRunner.Result result = tools.run(List.of("resolvectl", "--no-pager", what, LINK), "");
        // "Link 7 (outrider0): a b c", wrapped at the width of a terminal
        int colon = result.out().indexOf("): ");
        List<String> found = colon < 0 ? List.of() : List.of(result.out().substring(colon + 3).strip().split("\\s+"));
        if (!result.ok() || !found.equals(wanted)) {
            missing.add("resolvectl " + what + " " + LINK + ": " + String.join(" ", found) + " instead of " + String.join(" ", wanted));
        }
    }

    @Override
    public void remove() throws RuleException {
        if (isThere()) {
            if (tools.has("resolvectl")) {
                RuleRunner.Result unused = tools.run(List.of("resolvectl", "revert", LINK), "");
            }
            must(List.of("ip", "link", "del", LINK));
            flush();
        }
    }

    private boolean isThere() throws RuleException {
        return tools.run(List.of("ip", "link", "show", "dev", LINK), "").ok();
    }

    /** What resolved learnt of the mesh's names before is wrong now. */
    private void flush() throws RuleException {
        if (tools.has("resolvectl")) {
            RuleRunner.Result unused = tools.run(List.of("resolvectl", "flush-caches"), "");
        }
    }

    private void must(List<String> argv) throws RuleException {
        RuleRunner.Result result = tools.run(argv, "");
        if (!result.ok()) {
            throw RuleException.refused(String.join(" ", argv.subList(0, Math.min(3, argv.size()))), result);
        }
    }
}
