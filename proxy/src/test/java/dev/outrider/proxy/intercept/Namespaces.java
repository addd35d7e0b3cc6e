package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.tool.SystemRuleRunner;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * A machine (10.10.0.5, fd00:10::5), a peer in front of it that owns every other address, and a guest behind it (10.77.0.2), each a network namespace.
 * Needs root: fails without.
 */
final class Namespaces implements AutoCloseable {
    private static final SystemRuleRunner TOOLS = new SystemRuleRunner();

    private static final Pattern COUNTERS = Pattern.compile(" ?\\[\\d+:\\d+]");

    private final String id = Long.toString(ProcessHandle.current().pid(), 36) + Integer.toString(System.identityHashCode(this) & 0xfff, 36);
    final String machine = "om" + id;
    private final String peer = "op" + id;
    private final String guest = "og" + id;
    private final List<Agent> agents = new ArrayList<>();

    Namespaces() {
        assertEquals("root", System.getProperty("user.name"), "network namespaces need root");
        for (String name : List.of(machine, peer, guest)) {
            run("ip", "netns", "add", name);
            run("ip", "-n", name, "link", "set", "lo", "up");
        }
        link(peer, "eth0", machine, "eth0");
        link(guest, "eth0", machine, "virbr0");
        addresses(machine, "eth0", "10.10.0.5/24", "fd00:10::5/64");
        addresses(machine, "virbr0", "10.77.0.1/24");
        addresses(peer, "eth0", "10.10.0.1/24", "fd00:10::1/64");
        addresses(guest, "eth0", "10.77.0.2/24");
        addresses(peer, "lo", "203.0.113.9/32", "203.0.113.66/32", "198.51.100.7/32", "169.254.169.254/32", "10.0.0.2/32", "8.8.8.8/32");
        run("ip", "-n", machine, "route", "add", "default", "via", "10.10.0.1");
        run("ip", "-n", peer, "route", "add", "10.77.0.0/24", "via", "10.10.0.5");
        run("ip", "-n", guest, "route", "add", "default", "via", "10.77.0.1");
        run("ip", "netns", "exec", machine, "sysctl", "-qw", "net.ipv4.ip_forward=1");
    }

    private static void link(String one, String oneLink, String two, String twoLink) {
        run("ip", "-n", one, "link", "add", oneLink, "type", "veth", "peer", "name", twoLink, "netns", two);
        run("ip", "-n", one, "link", "set", oneLink, "up");
        run("ip", "-n", two, "link", "set", twoLink, "up");
    }

    private static void addresses(String name, String link, String... addresses) {
        Stream.of(addresses).forEach(address -> {
            var argv = new ArrayList<>(List.of("ip", "-n", name, "addr", "add", address, "dev", link));
            if (address.contains(":")) {
                argv.add("nodad");
            }
            run(argv.toArray(String[]::new));
        });
    }

    /** Rule tools run on the machine, and no others elsewhere. */
    RuleRunner runner() {
        return runner(machine, TOOLS);
    }

    static RuleRunner runner(String namespace, RuleRunner tools) {
        return new RuleRunner() {
            @Override
            public boolean has(String tool) {
                return tools.has(tool);
            }

            @Override
            public Result run(List<String> argv, String input) throws RuleException {
                return tools.run(inside(argv), input);
            }

            @Override
            public Result change(List<String> argv, String input) throws RuleException {
                return tools.change(inside(argv), input);
            }

            @Override
            public void awaitOrphans() throws RuleException {
                tools.awaitOrphans();
            }

            private List<String> inside(List<String> argv) {
                var inside = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
                inside.addAll(argv);
                return inside;
            }
        };
    }

    /** What the kernel holds that interception could have changed. */
    String kernelState() {
        var text = new StringBuilder();
        for (String command : List.of("nft -s list ruleset", "ip -4 rule", "ip -6 rule", "ip -4 route show table all", "ip -6 addr show dev lo")) {
            var argv = new ArrayList<>(List.of("ip", "netns", "exec", machine));
            argv.addAll(List.of(command.split(" ", -1)));
            text.append(command).append('\n').append(run(argv.toArray(String[]::new)));
        }
        for (String tool : List.of("iptables-save", "ip6tables-save")) {
            text.append(tool).append('\n');
            run("ip", "netns", "exec", machine, tool).lines()
                    .filter(line -> !line.startsWith("#"))
                    .forEach(line -> text.append(COUNTERS.matcher(line).replaceAll("")).append('\n'));
        }
        return text.toString();
    }

    Agent onMachine(boolean v6, boolean transparent) {
        var listeners = new ArrayList<String>();
        for (String host : List.of("0.0.0.0", "::")) {
            for (int port : List.of(22, 2222, 8080, 9000, 15008, 15021)) {
                listeners.add("app/tcp/" + host + "/" + port);
            }
        }
        for (String host : v6 ? List.of("0.0.0.0", "::") : List.of("0.0.0.0")) {
            listeners.add("outbound-listener/tcp/" + host + "/15001");
            listeners.add("inbound-listener/tcp/" + host + "/15006" + (transparent ? "/transparent" : ""));
        }
        listeners.add("outbound-listener/tcp/0.0.0.0/16001");
        listeners.add("inbound-listener/tcp/0.0.0.0/16006");
        listeners.add("stub-resolver/udp/127.0.0.53/53");
        listeners.add("dns-proxy/udp/127.0.0.1/15053");
        listeners.add("dns-proxy/tcp/127.0.0.1/15053");
        return start(machine, listeners);
    }

    Agent onPeer() {
        return start(peer, List.of(
                "remote/tcp/0.0.0.0/80", "remote/tcp/::/80", "upstream-resolver/udp/10.0.0.2/53", "upstream-resolver/tcp/10.0.0.2/53",
                "other-resolver/udp/8.8.8.8/53", "other-resolver/tcp/8.8.8.8/53"));
    }

    Agent onGuest() {
        return start(guest, List.of("forwarded/tcp/0.0.0.0/8080"));
    }

    private Agent start(String name, List<String> listeners) {
        var agent = new Agent(name, listeners);
        agents.add(agent);
        return agent;
    }

    static String run(String... argv) {
        try {
            RuleRunner.Result result = TOOLS.run(List.of(argv), "");
            assertTrue(result.ok(), () -> String.join(" ", argv) + ": " + result.err());
            return result.out();
        } catch (RuleException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        agents.forEach(Agent::close);
        List.of(machine, peer, guest).forEach(name -> run("ip", "netns", "del", name));
    }

    /** The program path_agent.py in a namespace. */
    static final class Agent implements AutoCloseable {
        private final Process process;
        private final BufferedReader answers;

        Agent(String namespace, List<String> listeners) {
            try {
                Path script = Files.createTempFile("path-agent", ".py");
                try (var source = Agent.class.getResourceAsStream("/intercept/path_agent.py")) {
                    Files.write(script, source.readAllBytes());
                }
                var argv = new ArrayList<>(List.of("ip", "netns", "exec", namespace, "python3", script.toString()));
                argv.addAll(listeners);
                process = new ProcessBuilder(argv).redirectError(ProcessBuilder.Redirect.INHERIT).start();
                answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                assertEquals("ready", answers.readLine());
                Files.delete(script);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** Where a connection ends: label, getsockname, original destination, peer. */
        String dial(int uid, int gid, String source, String protocol, String target) {
            int colon = target.lastIndexOf(':');
            String host = target.substring(0, colon).replace("[", "").replace("]", "");
            String request = uid + " " + gid + " " + source + " " + protocol + " " + host + " " + target.substring(colon + 1) + "\n";
            try {
                process.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
                process.getOutputStream().flush();
                return String.valueOf(answers.readLine());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            try {
                process.getOutputStream().close();
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (IOException e) {
                process.destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
