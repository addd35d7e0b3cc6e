package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Mode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What interception needs beside packet rules, one line each: {@code -4 rule ...}, {@code -4 route ...}, {@code -6 addr ...}. TPROXY delivers marked
 * packets here by a rule and a route of their own; the IPv6 passthrough source ::6 has to be an address of this machine (127.0.0.6 already is one).
 */
final class Routing {
    /** A preference of our own: Istio's rule has none, so every run of it adds one more that nobody removes. */
    private static final int PREFERENCE = 13300;

    private final RuleRunner runner;

    Routing(RuleRunner runner) {
        this.runner = runner;
    }

    static List<String> of(InterceptionPlan plan) {
        var lines = new ArrayList<String>();
        for (String family : families(plan)) {
            if (plan.mode() == Mode.TPROXY && plan.inbound().any()) {
                lines.add(family + " rule pref " + PREFERENCE + " fwmark " + plan.marks().tproxy() + " lookup " + plan.marks().routeTable());
                lines.add(family + " route local default dev lo table " + plan.marks().routeTable());
            }
        }
        if (plan.families().v6()) {
            lines.add("-6 addr ::6/128 dev lo");
        }
        return List.copyOf(lines);
    }

    private static List<String> families(InterceptionPlan plan) {
        var families = new ArrayList<String>();
        if (plan.families().v4()) {
            families.add("-4");
        }
        if (plan.families().v6()) {
            families.add("-6");
        }
        return families;
    }

    /** Adds what {@link #missing} found; after a failure what it added is gone again. */
    void add(List<String> missing) throws RuleException {
        var added = new TreeSet<String>();
        for (String line : missing) {
            RuleRunner.Result result = runner.change(command(line, "add"), "");
            if (!result.ok()) {
                remove(added);
                throw RuleException.refused("ip", result);
            }
            added.add(line);
        }
    }

    /** Lines that are gone already count as removed. */
    void remove(Set<String> lines) throws RuleException {
        for (String line : lines) {
            runner.change(command(line, "del"), "");
        }
    }

    /** Lines that are not there. */
    List<String> missing(List<String> lines) throws RuleException {
        var missing = new ArrayList<String>();
        for (String line : lines) {
            String[] word = line.split(" ", -1);
            List<String> show = switch (word[1]) {
                case "rule" -> List.of("ip", word[0], "rule", "show", "pref", word[3]);
                case "route" -> List.of("ip", word[0], "route", "show", "table", word[7]);
                default -> List.of("ip", word[0], "addr", "show", "to", word[2]);
            };
            RuleRunner.Result result = runner.run(show, "");
            if (!result.ok() || result.out().isBlank()) {
                missing.add(line);
            }
        }
        return missing;
    }

    private static List<String> command(String line, String verb) {
        var argv = new ArrayList<>(List.of(line.split(" ", -1)));
        argv.addFirst("ip");
        argv.add(3, verb);
        return argv;
    }
}
