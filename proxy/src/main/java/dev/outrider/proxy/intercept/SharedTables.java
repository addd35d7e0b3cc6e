package dev.outrider.proxy.intercept;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

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
        var added = new TreeSet<>(present());
        added.removeAll(before);
        // Chains first; a chain that holds rules cannot be told from one that somebody needs, and a table with such a chain stays too.
        for (String chain : added) {
            String[] word = chain.split(" ", -1);
            if (word.length == 3 && isEmpty(runner.run(List.of("nft", "list", "chain", word[0], word[1], word[2]), "").out())) {
                runner.change(List.of("nft", "delete", "chain", word[0], word[1], word[2]), "");
            }
        }
        Set<String> left = present();
        for (String table : added) {
            String[] word = table.split(" ", -1);
            if (word.length == 2 && left.stream().noneMatch(name -> name.startsWith(table + " "))) {
                runner.change(List.of("nft", "delete", "table", word[0], word[1]), "");
            }
        }
    }

    /** A policy of drop says something too. */
    private static boolean isEmpty(String listing) {
        return listing.lines().map(String::strip)
                .allMatch(line -> line.isEmpty() || line.equals("}") || line.endsWith("{") || (line.startsWith("type ") && line.endsWith("policy accept;")) || line.startsWith("#"));
    }
}
