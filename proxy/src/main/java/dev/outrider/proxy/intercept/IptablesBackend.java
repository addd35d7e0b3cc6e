package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** iptables and ip6tables, where nft is missing or not wanted: chains of our own in the shared tables, one transaction a table and family. */
final class IptablesBackend implements RuleBackend {
    private final RuleRunner runner;

    IptablesBackend(RuleRunner runner) {
        this.runner = runner;
    }

    @Override
    public String name() {
        return "iptables";
    }

    @Override
    public boolean available() {
        return runner.has("iptables-restore") && runner.has("iptables-save");
    }

    @Override
    public Installation render(InterceptionPlan plan) {
        RuleSet rules = PlanRules.of(plan);
        return new Installation(name(), IptablesScript.of(rules, false), IptablesScript.of(rules, true), Routing.of(plan), Set.of(), Set.of(), "", false);
    }

    @Override
    public void apply(Installation installation) throws RuleException {
        replace("iptables", installation.rules());
        replace("ip6tables", installation.rules6());
    }

    @Override
    public void remove() throws RuleException {
        replace("iptables", "");
        replace("ip6tables", "");
    }

    private void replace(String family, String text) throws RuleException {
        if (!runner.has(family + "-restore")) {
            if (!text.isEmpty()) {
                throw new RuleException(family + "-restore is not installed");
            }
            return;
        }
        String input = IptablesScript.replacing(text, IptablesScript.Installed.of(save(family)));
        if (!input.isEmpty()) {
            RuleRunner.Result result = runner.change(List.of(family + "-restore", "--noflush", "-w", "5"), input);
            if (!result.ok()) {
                throw RuleException.refused(family + "-restore", result);
            }
        }
    }

    @Override
    public String listing() throws RuleException {
        return ours("iptables") + ours("ip6tables");
    }

    /** Our chains, and each built-in chain that jumps to them down to that jump: a rule in front of it is a change as well. */
    private String ours(String family) throws RuleException {
        if (!runner.has(family + "-save")) {
            return "";
        }
        var text = new StringBuilder();
        var before = new ArrayList<String>();
        String table = "";
        for (String line : save(family).split("\n", -1)) {
            if (line.startsWith("*")) {
                table = line;
            }
            if (line.startsWith("-A " + IptablesScript.PREFIX)) {
                text.append(family).append(' ').append(table).append(' ').append(line).append('\n');
            } else if (line.startsWith("-A ")) {
                before.add(line);
                if (line.contains(" -j " + IptablesScript.PREFIX)) {
                    String chain = line.substring(0, line.indexOf(" -j ") + 1);
                    String where = family + " " + table + " ";
                    before.stream().filter(rule -> rule.startsWith(chain)).forEach(rule -> text.append(where).append(rule).append('\n'));
                }
            } else {
                before.clear();
            }
        }
        return text.toString();
    }

    private String save(String family) throws RuleException {
        RuleRunner.Result result = runner.run(List.of(family + "-save"), "");
        if (!result.ok()) {
            throw RuleException.refused(family + "-save", result);
        }
        return result.out();
    }
}
