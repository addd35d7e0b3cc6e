package dev.outrider.proxy.intercept.resolver;

import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.RuleRunner;
import java.nio.file.Path;
import java.util.List;

/**
 * A drop-in for systemd-resolved (resolved.conf(5)). Its server serves all names, since resolved asks it beside the links' servers; only the routing
 * domains make it the mesh's alone. Port syntax needs systemd 246.
 */
final class ResolvedDropinAdapter implements ResolverAdapter {
    private static final String MARK = "# Written by Outrider; `outrider dns remove` takes it away.";

    private final RuleRunner tools;
    private final ReplacedFile file;

    ResolvedDropinAdapter(RuleRunner tools, Path root, Path stateDirectory, AtomicFiles files) {
        this.tools = tools;
        file = new ReplacedFile(files, root.resolve("etc/systemd/resolved.conf.d/outrider.conf"), stateDirectory, MARK);
    }

    @Override
    public List<String> describe(ResolverPlan plan) {
        return text(plan).lines().toList();
    }

    @Override
    public void check(ResolverPlan plan, boolean again) throws RuleException {
        if (!tools.has("systemctl")) {
            throw new RuleException("systemd does not run here: use another mode, such as redirect");
        }
    }

    @Override
    public void apply(ResolverPlan plan) throws RuleException {
        if (file.replace(text(plan))) {
            reload();
        }
    }

    @Override
    public List<String> differences(ResolverPlan plan) throws RuleException {
        return file.holds(text(plan)) ? List.of() : List.of("/etc/systemd/resolved.conf.d/outrider.conf is not as Outrider would write it now");
    }

    @Override
    public void remove() throws RuleException {
        if (file.restore()) {
            reload();
        }
    }

    /** Does nothing where resolved does not run. */
    private void reload() throws RuleException {
        RuleRunner.Result result = tools.run(List.of("systemctl", "try-reload-or-restart", "systemd-resolved.service"), "");
        if (!result.ok()) {
            throw RuleException.refused("systemctl", result);
        }
    }

    private static String text(ResolverPlan plan) {
        return MARK + "\n[Resolve]\nDNS=" + plan.server() + "\nDomains=" + String.join(" ", plan.domains()) + "\n";
    }
}
