package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.RuleSet.Chain;
import dev.outrider.proxy.intercept.RuleSet.Match;
import dev.outrider.proxy.intercept.RuleSet.Rule;
import dev.outrider.proxy.intercept.RuleSet.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Prints rules for {@code iptables-restore --noflush} and {@code ip6tables-restore --noflush}, one text a family. Own chains, jumped to from the head of
 * the built-in ones; declaring a chain empties it, so a text replaces what it installed before. Each table is one transaction, nat last: until it
 * is committed nothing is captured. Pure.
 */
final class IptablesScript {
    static final String PREFIX = "OUTRIDER_";

    private IptablesScript() {}

    /** What a save of one family holds of ours: for each table our chains, and how often a built-in chain jumps to each. */
    record Installed(Map<String, Map<String, List<String>>> tables) {

        static Installed of(String save) {
            var tables = new TreeMap<String, Map<String, List<String>>>();
            String table = "";
            for (String line : save.split("\n", -1)) {
                String[] word = line.strip().split(" ", -1);
                if (line.startsWith("*")) {
                    table = word[0].substring(1);
                } else if (line.startsWith(":" + PREFIX)) {
                    tables.computeIfAbsent(table, name -> new TreeMap<>()).computeIfAbsent(word[0].substring(1), name -> new ArrayList<>());
                } else if (word.length == 4 && word[0].equals("-A") && word[2].equals("-j") && word[3].startsWith(PREFIX)) {
                    tables.computeIfAbsent(table, name -> new TreeMap<>()).computeIfAbsent(word[3], name -> new ArrayList<>()).add(word[1]);
                }
            }
            return new Installed(tables);
        }

        boolean isEmpty() {
            return tables.isEmpty();
        }
    }

    static String of(RuleSet rules, boolean v6) {
        if (v6 ? !rules.families().v6() : !rules.families().v4()) {
            return "";
        }
        Map<String, List<Chain>> byTable = new LinkedHashMap<>();
        rules.chains().forEach(chain -> byTable.computeIfAbsent(chain.hook().table, table -> new ArrayList<>()).add(chain));
        var text = new StringBuilder();
        byTable.forEach((table, chains) -> {
            text.append('*').append(table).append('\n');
            chains.forEach(chain -> text.append(':').append(PREFIX).append(chain.hook().chain).append(" - [0:0]\n"));
            chains.forEach(chain -> text.append("-I ").append(chain.hook().chain).append(" 1 -j ").append(PREFIX).append(chain.hook().chain).append('\n'));
            chains.forEach(chain -> chain.rules().stream().filter(rule -> rule.matches(v6)).forEach(
                    rule -> text.append("-A ").append(PREFIX).append(chain.hook().chain).append(rule(rule)).append('\n')));
            text.append("COMMIT\n");
        });
        return text.toString();
    }

    /** The text with what is installed taken out in the same transactions; an empty text only takes out. */
    static String replacing(String text, Installed installed) {
        var left = new TreeMap<>(installed.tables());
        var out = new StringBuilder();
        String table = "";
        for (String line : text.split("\n", -1)) {
            if (line.startsWith("*")) {
                table = line.substring(1);
            }
            if (line.startsWith("-I ") && left.containsKey(table)) {
                out.append(removal(left.get(table), text));
                left.remove(table);
            }
            if (!line.isEmpty()) {
                out.append(line).append('\n');
            }
        }
        left.forEach((name, chains) -> out.append('*').append(name).append('\n').append(removal(chains, "")).append("COMMIT\n"));
        return out.toString();
    }

    private static String removal(Map<String, List<String>> chains, String keeping) {
        var out = new StringBuilder();
        chains.forEach((chain, jumps) -> jumps.forEach(from -> out.append("-D ").append(from).append(" -j ").append(chain).append('\n')));
        chains.keySet().stream().filter(chain -> !keeping.contains(":" + chain + " ")).forEach(
                chain -> out.append("-F ").append(chain).append("\n-X ").append(chain).append('\n'));
        return out.toString();
    }

    private static String rule(Rule rule) {
        return rule.matches().stream().map(match -> " " + match(match)).collect(Collectors.joining()) + " -j " + verdict(rule.verdict());
    }

    private static String match(Match match) {
        return switch (match) {
            case Match.In in -> "-i " + in.link();
            case Match.Out out -> "-o " + out.link();
            case Match.Source source -> "-s " + NftScript.address(source.range());
            case Match.Destination to -> not(to.negated()) + "-d " + NftScript.address(to.range());
            case Match.Over over -> "-p " + over.protocol().name().toLowerCase(Locale.ROOT);
            case Match.ToPorts to -> {
                String protocol = to.protocol().name().toLowerCase(Locale.ROOT);
                String ports = to.ports().stream().map(String::valueOf).collect(Collectors.joining(","));
                yield to.ports().size() == 1
                        ? "-p " + protocol + " -m " + protocol + " " + not(to.negated()) + "--dport " + ports
                        : "-p " + protocol + " -m multiport " + not(to.negated()) + "--dports " + ports;
            }
            case Match.FromPort from -> {
                String protocol = from.protocol().name().toLowerCase(Locale.ROOT);
                yield "-p " + protocol + " -m " + protocol + " --sport " + from.port();
            }
            case Match.User user -> "-m owner --uid-owner " + user.uid();
            case Match.Group group -> "-m owner " + not(group.negated()) + "--gid-owner " + group.gid();
            case Match.Mark mark -> "-m mark --mark " + mark.mark();
            case Match.ConnectionMark mark -> "-m connmark --mark " + mark.mark();
            case Match.ForOthers _ -> "-m addrtype ! --dst-type LOCAL";
            case Match.NewConnection _ -> "-m conntrack --ctstate NEW";
            case Match.InvalidState _ -> "-m conntrack --ctstate INVALID";
        };
    }

    private static String verdict(Verdict verdict) {
        return switch (verdict) {
            case Verdict.LeaveAlone _ -> "RETURN";
            case Verdict.Redirect redirect -> "REDIRECT --to-ports " + redirect.port();
            case Verdict.TransparentProxy proxy -> "TPROXY --on-port " + proxy.port() + " --tproxy-mark " + proxy.mark();
            case Verdict.Drop _ -> "DROP";
            case Verdict.Refuse _ -> "REJECT --reject-with tcp-reset";
            case Verdict.Zone zone -> "CT --zone " + zone.zone();
            case Verdict.SaveMark _ -> "CONNMARK --save-mark";
            case Verdict.RestoreMark _ -> "CONNMARK --restore-mark";
        };
    }

    private static String not(boolean negated) {
        return negated ? "! " : "";
    }
}
