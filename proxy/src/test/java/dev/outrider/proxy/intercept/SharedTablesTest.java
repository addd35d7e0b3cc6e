package dev.outrider.proxy.intercept;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class SharedTablesTest {

    private static final String CHAINS = """
            table ip nat {
            \tchain OUTPUT {
            \t\ttype nat hook output priority -100; policy accept;
            \t}
            \tchain PREROUTING {
            \t\ttype nat hook prerouting priority dstnat; policy accept;
            \t}
            }
            """;

    /** A machine with the table {@code ip nat}, which refuses scripts that contain {@link #refused}. */
    private static final class Machine implements RuleRunner {
        final List<String> scripts = new ArrayList<>();
        String listing = CHAINS;
        String refused = "nothing";

        @Override
        public boolean has(String tool) {
            return true;
        }

        @Override
        public Result run(List<String> argv, String input) {
            if (argv.equals(List.of("nft", "-f", "-"))) {
                scripts.add(input);
                return new Result(input.contains(refused) ? 1 : 0, "", "");
            }
            return new Result(0, argv.contains("chains") ? CHAINS : listing, "");
        }
    }

    @Test
    void whatCameAndHoldsNothingGoesInOneTransaction() throws RuleException {
        var machine = new Machine();
        new SharedTables(machine).removeSince(Set.of());
        assertEquals(List.of("delete chain ip nat OUTPUT\ndelete chain ip nat PREROUTING\ndelete table ip nat\n"), machine.scripts);
    }

    @Test
    void whatWasThereBeforeStays() throws RuleException {
        var machine = new Machine();
        new SharedTables(machine).removeSince(Set.of("ip nat", "ip nat OUTPUT"));
        assertEquals(List.of("delete chain ip nat PREROUTING\n"), machine.scripts);
    }

    @Test
    void aChainWithARuleOrAnotherPolicyStaysAndItsTableToo() throws RuleException {
        var machine = new Machine();
        machine.listing = CHAINS.replace("policy accept;\n\t}\n}", "policy accept;\n\t\ttcp dport { 80, 443 } accept\n\t}\n}");
        new SharedTables(machine).removeSince(Set.of());
        machine.listing = CHAINS.replaceFirst("policy accept", "policy drop");
        new SharedTables(machine).removeSince(Set.of());
        assertEquals(List.of("delete chain ip nat OUTPUT\n", "delete chain ip nat PREROUTING\n"), machine.scripts);
    }

    /** Somebody adds a rule between the look and the transaction: the table would go with that rule. */
    @Test
    void aRefusedTransactionTakesNoTable() throws RuleException {
        var machine = new Machine();
        machine.refused = "OUTPUT";
        new SharedTables(machine).removeSince(Set.of());
        assertEquals(List.of("delete chain ip nat OUTPUT\n", "delete chain ip nat PREROUTING\n"), machine.scripts.subList(1, machine.scripts.size()));
    }
}
