package dev.outrider.proxy.app;

import dev.outrider.proxy.explain.Surroundings.MachineRules;
import dev.outrider.proxy.intercept.Installation;
import dev.outrider.proxy.intercept.plan.HostFacts;
import dev.outrider.proxy.intercept.plan.InterceptionOptions;
import dev.outrider.proxy.intercept.plan.InvalidInterceptionPlan;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Supplier;

/** The machine's rules as its settings and the last installation have them. Without privileges: the kernel's own tables are root's to read. */
final class LocalRules implements Supplier<MachineRules> {

    /** Where systemd keeps the control group of a unit that runs. */
    private static final Path GUARD = Path.of("/sys/fs/cgroup/system.slice/outrider-guard.service");

    private final Path root;

    LocalRules(Path root) {
        this.root = root;
    }

    @Override
    public MachineRules get() {
        Map<String, String> environment = EffectiveSettings.read(new Places(root)).environment();
        HostFacts facts = HostFacts.read(root, environment.getOrDefault("ENVOY_USER", "istio-proxy"));
        try {
            return new MachineRules(InterceptionOptions.plan(environment, facts), facts.addresses(),
                    Installation.tool(root.resolve("run/outrider-interception")), Files.isDirectory(GUARD));
        } catch (InvalidInterceptionPlan e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }
}
