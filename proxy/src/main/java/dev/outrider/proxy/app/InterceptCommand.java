package dev.outrider.proxy.app;

import dev.outrider.proxy.intercept.Interceptor;
import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.guard.DeadManSwitch;
import dev.outrider.proxy.intercept.guard.GuardWatch;
import dev.outrider.proxy.intercept.guard.RulesGuard;
import dev.outrider.proxy.intercept.plan.HostFacts;
import dev.outrider.proxy.intercept.plan.InterceptionOptions;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import dev.outrider.proxy.intercept.plan.InvalidInterceptionPlan;
import dev.outrider.proxy.intercept.tool.SystemRuleRunner;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code outrider intercept apply|print|verify|remove|diff|confirm|guard|stopped}: as root, apart from the proxy; all but the guard short-lived. */
@Command(name = "intercept", mixinStandardHelpOptions = true, description = "Redirect this machine's connections to the proxy.")
public final class InterceptCommand implements Callable<Integer> {
    enum Operation { apply, print, verify, remove, diff, confirm, guard, stopped }

    @Parameters(index = "0", description = "apply: install or replace the rules; print: show them; verify: are they as installed; diff: what apply would change; "
            + "remove: take everything away; stopped: what interception.onStop says, open, closed or keep; guard: put the rules back whenever something else takes them away, until ended; confirm: keep what apply --rollback-after installed. (${COMPLETION-CANDIDATES})")
    private Operation operation = Operation.print;

    @Option(names = "--backend", defaultValue = "auto", description = "nft, iptables, or auto: nft where it is installed.")
    private String backend = "auto";

    @Option(names = "--root", defaultValue = "/", description = "Where var/lib/istio/envoy/cluster.env, sidecar.env and run/outrider-interception are looked for.")
    private Path root = Path.of("/");

    @Option(names = "--rollback-after", paramLabel = "SECONDS", description = "With apply: put everything back unless confirmed within this time (60 or 60s).")
    private String rollbackAfter = "";

    @Override
    public Integer call() {
        try {
            return run(System.out);
        } catch (RuleException | InvalidInterceptionPlan | IllegalArgumentException e) {
            System.err.println("outrider intercept: " + e.getMessage());
            return 2;
        }
    }

    private int run(PrintStream out) throws RuleException, InvalidInterceptionPlan {
        Path state = root.resolve("run/outrider-interception");
        var interceptor = new Interceptor(new SystemRuleRunner(state), state);
        return switch (operation) {
            case apply -> apply(interceptor, state, out);
            case print -> interceptor.print(plan(), backend, out);
            case diff -> interceptor.diff(plan(), backend, out);
            case verify -> interceptor.verify(out);
            case remove -> interceptor.remove(out);
            case guard -> guard(interceptor, out);
            case stopped -> stopped(interceptor, out);
            case confirm -> {
                new DeadManSwitch(interceptor, state).confirm();
                yield 0;
            }
        };
    }

    private int apply(Interceptor interceptor, Path state, PrintStream out) throws RuleException, InvalidInterceptionPlan {
        InterceptionPlan plan = plan();
        if (rollbackAfter.isEmpty()) {
            return interceptor.apply(plan, backend, out);
        }
        if (!rollbackAfter.matches("[1-9][0-9]{0,4}s?")) {
            throw new IllegalArgumentException("--rollback-after: '" + rollbackAfter + "' is not a number of seconds such as 60");
        }
        var patience = Duration.ofSeconds(Long.parseLong(rollbackAfter.replace("s", "")));
        return new DeadManSwitch(interceptor, state).guard(() -> interceptor.apply(plan, backend, out), patience, out);
    }

    private int guard(Interceptor interceptor, PrintStream out) {
        List<String> monitor = new SystemRuleRunner().has("nft") ? List.of("nft", "monitor", "ruleset") : List.of();
        try {
            new RulesGuard(interceptor, GuardWatch.place(root), monitor, out).run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    /** What is wrong elsewhere in the settings must not decide what becomes of the traffic. */
    private int stopped(Interceptor interceptor, PrintStream out) throws RuleException {
        var choice = Interceptor.OnStop.valueOf(
                EffectiveSettings.read(new Places(root)).environment().getOrDefault("OUTRIDER_ON_STOP", "open").toUpperCase(Locale.ROOT));
        InterceptionPlan plan = null;
        if (choice == Interceptor.OnStop.CLOSED) {
            try {
                plan = plan();
            } catch (InvalidInterceptionPlan | IllegalArgumentException e) {
                System.err.println("outrider intercept: " + e.getMessage());
            }
        }
        return interceptor.stopped(choice, plan, backend, out);
    }

    private InterceptionPlan plan() throws InvalidInterceptionPlan {
        Map<String, String> env = settings(root).environment();
        return InterceptionOptions.plan(env, HostFacts.read(root, env.getOrDefault("ENVOY_USER", "istio-proxy")));
    }

    /** The machine's settings. Throws IllegalArgumentException with a line for each thing that is wrong. */
    static EffectiveSettings settings(Path root) {
        var places = new Places(root);
        EffectiveSettings settings = EffectiveSettings.read(places);
        List<String> errors = new ArrayList<>(settings.errors());
        if (settings.environment().isEmpty() && errors.isEmpty()) {
            errors.add(places.clusterEnv() + ": is missing or empty; copy the cluster.env that was made for this machine there");
        }
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", errors));
        }
        return settings;
    }
}
