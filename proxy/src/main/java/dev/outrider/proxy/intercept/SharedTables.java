package dev.outrider.proxy.intercept;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The tables and built-in chains that iptables makes in nftables when it needs them, and that it never deletes. Those that were not there before and hold
 * nothing now are ours to remove. Where nft is missing they stay.
 */
final class SharedTables {
    private static final Set<String> NAMES = Set.of("raw", "mangle", "nat", "filter");

    private final RuleRunner runner;

    SharedTables(RuleRunner runner) {
        this.runner = runner;
    }

    /** Lines {@code ip nat} for a table and {@code ip nat OUTPUT} for a chain. */
    Set<String> present() throws RuleException {
        var present = new TreeSet<String>();
        if (!runner.has("nft")) {
            return present;
        }
        String table = "";
        for (String line : runner.run(List.of("nft", "list", "chains"), "").out().lines().map(String::strip).toList()) {
            String[] word = line.split(" ", -1);
            if (line.startsWith("table ")) {
                table = (word[1].equals("ip") || word[1].equals("ip6")) && NAMES.contains(word[2]) ? word[1] + " " + word[2] : "";
            }
            if (!table.isEmpty() && (line.startsWith("table ") || line.startsWith("chain "))) {
                present.add(line.startsWith("chain ") ? table + " " + word[1] : table);
            }
        }
        return present;
    }

    void removeSince(Set<String> before) throws RuleException {
        Set<String> now = present();
        var added = new TreeSet<>(now);
        added.removeAll(before);
        // A chain that holds rules cannot be told from one that somebody needs, and a table with such a chain stays too.
        var deletions = new ArrayList<String>();
        for (String table : tables(added)) {
            List<String> chains = emptyChains(table);
            chains.removeIf(chain -> !added.contains(chain));
            chains.forEach(chain -> deletions.add("delete chain " + chain));
            if (added.contains(table) && now.stream().filter(name -> name.startsWith(table + " ")).allMatch(chains::contains)) {
                deletions.add("delete table " + table);
            }
        }
        if (!deletions.isEmpty() && !feed(String.join("\n", deletions))) {
            // Somebody has begun to use one of the chains: it stays, and so do the tables, which would go with what is in them.
            for (String deletion : deletions.stream().filter(line -> line.startsWith("delete chain ")).toList()) {
                boolean unused = feed(deletion);
            }
        }
    }

    private boolean feed(String script) throws RuleException {
        return runner.change(List.of("nft", "-f", "-"), script + "\n").ok();
    }

    private static Set<String> tables(Set<String> names) {
        return names.stream().map(name -> name.split(" ", -1)).map(word -> word[0] + " " + word[1]).collect(Collectors.toCollection(TreeSet::new));
    }

    private List<String> emptyChains(String table) throws RuleException {
        var empty = new ArrayList<String>();
        String chain = "";
        String[] word = table.split(" ", -1);
        for (String line : runner.run(List.of("nft", "list", "table", word[0], word[1]), "").out().lines().map(String::strip).toList()) {
            if (line.startsWith("chain ")) {
                chain = table + " " + line.split(" ", -1)[1];
            } else if (line.equals("}") && !chain.isEmpty()) {
                empty.add(chain);
                chain = "";
            } else if (!saysNothing(line)) {
                chain = "";
            }
        }
        return empty;
    }

    /** A policy of drop says something too. */
    private static boolean saysNothing(String line) {
        return line.isEmpty() || line.startsWith("#") || line.startsWith("type ") && line.endsWith("policy accept;");
    }
}
