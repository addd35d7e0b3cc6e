package dev.outrider.proxy.intercept.resolver;

import dev.outrider.proxy.intercept.Installation;
import dev.outrider.proxy.intercept.Interceptor;
import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import io.netty.util.NetUtil;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Packet rules for the resolvers in use, the shim's own questions excepted. Interception brings them along; without it the same rules are installed
 * alone, and interception takes their place when it comes.
 */
final class RedirectAdapter implements ResolverAdapter {
    private final Interceptor interceptor;
    private final InterceptionPlan plan;

    /** @param machine the plan of interception, of which only the DNS part is used here */
    RedirectAdapter(Interceptor interceptor, InterceptionPlan machine) {
        this.interceptor = interceptor;
        this.plan = machine.forNamesAlone();
    }

    @Override
    public List<String> describe(ResolverPlan shim) throws RuleException {
        return said(out -> interceptor.print(plan, "auto", out)).lines();
    }

    @Override
    public void check(ResolverPlan shim, boolean again) throws RuleException {
        if (plan.dns().servers().isEmpty() && !plan.dns().all()) {
            throw new RuleException("resolv.conf names no resolver, so that there is nothing to redirect: use another mode");
        }
        List<String> missing = differences(shim);
        if (!missing.isEmpty() && interceptor.begun() != null && !isAlone()) {
            throw new RuleException("interception is on without these rules (" + missing.getFirst() + "): outrider intercept apply");
        }
    }

    @Override
    public void apply(ResolverPlan shim) throws RuleException {
        if (differences(shim).isEmpty()) {
            return;
        }
        Said unused = said(out -> interceptor.apply(plan, "auto", out));
    }

    @Override
    public List<String> differences(ResolverPlan shim) throws RuleException {
        Installation installed = interceptor.installed();
        if (installed == null) {
            return List.of("no rules are installed");
        }
        List<String> missing = new ArrayList<>();
        String rules = installed.rules() + installed.rules6();
        for (InetAddress server : plan.dns().servers()) {
            boolean captured = rules.lines().anyMatch(line -> line.contains("dport 53") && line.contains(NetUtil.toAddressString(server)));
            if (!captured && !plan.dns().all()) {
                missing.add("questions to " + NetUtil.toAddressString(server) + " are not redirected");
            }
        }
        Said verdict = said(interceptor::verify);
        if (verdict.status() != 0) {
            missing.addAll(verdict.lines());
        }
        return missing;
    }

    @Override
    public void remove() throws RuleException {
        if (isAlone()) {
            Said unused = said(interceptor::remove);
        }
    }

    /** Rules that capture nothing but names are ours; the rest belongs to {@code outrider intercept}. */
    private boolean isAlone() throws RuleException {
        Installation begun = interceptor.begun();
        return begun != null && (begun.rules() + begun.rules6()).lines()
                .filter(line -> line.contains("redirect to ") || line.contains("REDIRECT") || line.contains("tproxy") || line.contains("TPROXY"))
                .allMatch(line -> line.contains("dport 53"));
    }

    private interface Command {
        int run(PrintStream out) throws RuleException;
    }

    private record Said(int status, List<String> lines) {}

    private static Said said(Command command) throws RuleException {
        var bytes = new ByteArrayOutputStream();
        int status = command.run(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        return new Said(status, bytes.toString(StandardCharsets.UTF_8).lines().toList());
    }
}
