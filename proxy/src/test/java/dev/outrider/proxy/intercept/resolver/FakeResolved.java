package dev.outrider.proxy.intercept.resolver;

import dev.outrider.proxy.intercept.RuleRunner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** systemd-resolved and the kernel's links as far as resolvectl, systemctl and ip show them. */
final class FakeResolved implements RuleRunner {
    final Map<String, List<String>> link = new TreeMap<>();
    final List<String> commands = new ArrayList<>();
    Set<String> tools = Set.of("resolvectl", "systemctl", "ip");
    String refuses = "never";
    int left = Integer.MAX_VALUE;
    private boolean there;

    @Override
    public boolean has(String tool) {
        return tools.contains(tool);
    }

    @Override
    public Result run(List<String> argv, String input) {
        String command = String.join(" ", argv);
        if (command.startsWith(refuses)) {
            return new Result(1, "", "Failed to set: refused");
        }
        Result result = answer(argv);
        if (!command.contains("show") && !command.contains("--no-pager")) {
            commands.add(command);
            if (--left == 0) {
                throw new MortalFiles.Killed();
            }
        }
        return result;
    }

    private Result answer(List<String> argv) {
        boolean ip = argv.getFirst().equals("ip");
        if (ip && argv.get(2).equals("show")) {
            return new Result(there ? 0 : 1, "", "");
        }
        if (ip && argv.get(2).equals("add")) {
            there = true;
        } else if (ip && argv.get(2).equals("del")) {
            there = false;
            link.clear();
        } else if (argv.contains("--no-pager")) {
            return new Result(0, "Link 7 (outrider0): " + String.join(" ", link.getOrDefault(argv.get(2), List.of())) + "\n", "");
        } else if (argv.getFirst().equals("resolvectl") && argv.size() > 3) {
            link.put(argv.get(1), argv.subList(3, argv.size()));
        }
        return new Result(0, "", "");
    }

    boolean linkIsThere() {
        return there;
    }
}
