package dev.outrider.proxy.app;

import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.plan.HostFacts;
import dev.outrider.proxy.intercept.plan.InterceptionOptions;
import dev.outrider.proxy.intercept.plan.InvalidInterceptionPlan;
import dev.outrider.proxy.intercept.resolver.HostDns;
import dev.outrider.proxy.intercept.resolver.ResolverMode;
import dev.outrider.proxy.intercept.resolver.ResolverPlan;
import dev.outrider.proxy.intercept.tool.SystemRuleRunner;
import dev.outrider.proxy.machine.MachineConfig.InvalidMachineConfig;
import dev.outrider.proxy.machine.MachineDns;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider dns apply|remove|verify|print}: short-lived, as root, apart from the proxy. */
abstract sealed class HostDnsCommand implements Callable<Integer> {

    @Option(names = "--root", defaultValue = "/", description = "Where the machine's settings and resolv.conf are looked for, default ${DEFAULT-VALUE}.")
    private Path root = Path.of("/");

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Override
    public Integer call() {
        try {
            EffectiveSettings settings = InterceptCommand.settings(root);
            Map<String, String> environment = settings.environment();
            MachineDns machine = MachineDns.of(settings);
            HostFacts facts = HostFacts.read(root, environment.getOrDefault("ENVOY_USER", "istio-proxy"));
            var host = new HostDns(new SystemRuleRunner(), root, InterceptionOptions.plan(environment, facts));
            return run(host, machine, ResolverPlan.of(machine.settings(), machine.search()), System.out);
        } catch (RuleException | InvalidInterceptionPlan | InvalidMachineConfig | IllegalArgumentException e) {
            System.err.println("outrider dns: " + e.getMessage());
            return 2;
        }
    }

    abstract int run(HostDns host, MachineDns machine, ResolverPlan plan, PrintStream out) throws RuleException;

    private abstract static sealed class WithMode extends HostDnsCommand {

        @Option(names = "--mode", paramLabel = "MODE", description = "redirect, resolved-link, resolved-dropin, resolvconf or none; default: what the settings say.")
        private String mode = "";

        ResolverMode mode(MachineDns machine) {
            return ResolverMode.parse(mode.isEmpty() ? machine.adapter() : mode);
        }
    }

    @Command(name = "apply", description = "Have this machine ask the shim.")
    static final class Apply extends WithMode {

        @Override
        int run(HostDns host, MachineDns machine, ResolverPlan plan, PrintStream out) throws RuleException {
            return host.apply(mode(machine), plan, out);
        }
    }

    @Command(name = "print", description = "Show what apply would do.")
    static final class Print extends WithMode {

        @Override
        int run(HostDns host, MachineDns machine, ResolverPlan plan, PrintStream out) throws RuleException {
            return host.print(mode(machine), plan, out);
        }
    }

    @Command(name = "verify", description = "Is it as applied, and as the settings are now?")
    static final class Verify extends HostDnsCommand {

        @Override
        int run(HostDns host, MachineDns machine, ResolverPlan plan, PrintStream out) throws RuleException {
            return host.verify(plan, out);
        }
    }

    @Command(name = "remove", description = "Put back what was there before.")
    static final class Remove extends HostDnsCommand {

        @Override
        int run(HostDns host, MachineDns machine, ResolverPlan plan, PrintStream out) throws RuleException {
            return host.remove(out);
        }
    }
}
