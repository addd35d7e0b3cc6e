package dev.outrider.proxy.intercept;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** A machine with one nftables table and a list of routing lines; says what was asked of it. */
final class FakeRuleRunner implements RuleRunner {
    final List<String> commands = new ArrayList<>();
    final Set<String> routing = new TreeSet<>();
    String table = "";
    String refuses = "never";
    Set<String> tools = Set.of("nft", "ip");

    @Override
    public boolean has(String tool) {
        return tools.contains(tool);
    }

    @Override
    public Result run(List<String> argv, String input) throws RuleException {
        String command = String.join(" ", argv);
        commands.add(command);
        if (command.startsWith(refuses)) {
            return new Result(1, "", "Error: Operation not permitted");
        }
        if (command.equals("nft -f -")) {
            table = input.endsWith("}\n") ? input : "";
        } else if (command.startsWith("nft -s list table")) {
            return table.isEmpty() ? new Result(1, "", "Error: No such file or directory") : new Result(0, table, "");
        } else if (command.startsWith("ip ")) {
            return ip(argv);
        }
        return new Result(0, "", "");
    }

    private Result ip(List<String> argv) {
        var rest = new ArrayList<>(argv.subList(1, argv.size()));
        String verb = rest.remove(2);
        String line = String.join(" ", rest);
        switch (verb) {
            case "add" -> routing.add(line);
            case "del" -> routing.remove(line);
            default -> {
                String kind = argv.get(2);
                return new Result(0, String.join("\n", routing.stream().filter(have -> have.contains(kind) && have.startsWith(argv.get(1))).toList()), "");
            }
        }
        return new Result(0, "", "");
    }
}
