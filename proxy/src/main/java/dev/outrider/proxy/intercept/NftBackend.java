package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import java.util.List;
import java.util.Set;

/** nftables: one table of our own, replaced in one transaction. */
final class NftBackend implements RuleBackend {
    private final RuleRunner runner;

    NftBackend(RuleRunner runner) {
        this.runner = runner;
    }

    @Override
    public String name() {
        return "nft";
    }

    @Override
    public boolean available() {
        return runner.has("nft");
    }

    @Override
    public Installation render(InterceptionPlan plan) {
        return new Installation(name(), NftScript.of(PlanRules.of(plan)), "", Routing.of(plan), Set.of(), Set.of(), "", false);
    }

    @Override
    public void apply(Installation installation) throws RuleException {
        feed(installation.rules());
    }

    @Override
    public void remove() throws RuleException {
        if (!listing().isEmpty()) {
            feed(NftScript.REMOVE);
        }
    }

    @Override
    public String listing() throws RuleException {
        RuleRunner.Result result = runner.run(List.of("nft", "-s", "list", "table", "inet", "outrider"), "");
        if (result.ok()) {
            return result.out();
        }
        if (result.err().contains("No such file or directory")) {
            return "";
        }
        throw RuleException.refused("nft", result);
    }

    private void feed(String script) throws RuleException {
        RuleRunner.Result result = runner.change(List.of("nft", "-f", "-"), script);
        if (!result.ok()) {
            throw RuleException.refused("nft", result);
        }
    }
}
