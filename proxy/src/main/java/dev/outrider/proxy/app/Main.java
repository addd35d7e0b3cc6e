package dev.outrider.proxy.app;

import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.app.sidecar.Version;
import dev.outrider.proxy.client.ExplainCommand;
import dev.outrider.proxy.client.StatusCommand;
import dev.outrider.proxy.demo.DemoCommand;
import dev.outrider.proxy.doctor.DoctorCommand;
import dev.outrider.proxy.join.JoinCommand;
import dev.outrider.proxy.join.LeaveCommand;
import dev.outrider.proxy.join.ProbeCommand;
import dev.outrider.proxy.manual.ManualCommand;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * {@code outrider VERB …}; options without a verb mean {@code proxy}, so that the command can stand where a harness expects Envoy. Only
 * the class of the verb that is used is loaded and read by picocli.
 */
public final class Main {

    private Main() {}

    private record Verb(String summary, Supplier<Callable<Integer>> command) {}

    private static Map<String, Verb> verbs() {
        Map<String, Verb> all = new LinkedHashMap<>();
        all.put("proxy", new Verb("run the sidecar on a bootstrap file (Envoy's command line)", ProxyCommand::new));
        all.put("run", new Verb("run this machine's sidecar from cluster.env and /etc/certs", RunCommand::new));
        all.put("node-agent", new Verb("ask the mesh CA for this machine's certificate now", NodeAgentCommand::new));
        all.put("join", new Verb("make this machine a member of the mesh, from a bundle (root)", JoinCommand::new));
        all.put("leave", new Verb("undo what join did (root)", LeaveCommand::new));
        all.put("probe", new Verb("send one request and say whether the mesh answered", ProbeCommand::new));
        all.put("upgrade", new Verb("replace the running sidecar without refusing a connection", UpgradeCommand::new));
        all.put("demo", new Verb("show a whole mesh on loopback addresses, without root or cluster", DemoCommand::new));
        all.put("intercept", new Verb("redirect this machine's connections to the sidecar (root)", InterceptCommand::new));
        all.put("status", new Verb("show how the running sidecar is, on one screen", StatusCommand::new));
        all.put("explain", new Verb("follow one request through the running sidecar, and say whether it would work", ExplainCommand::new));
        all.put("doctor", new Verb("look for what is wrong on this machine, and say what to do", DoctorCommand::new));
        all.put("config", new Verb("show what this machine's files say together", ConfigCommand::new));
        all.put("register", new Verb("print the objects that make a service on this machine known to the mesh", RegisterCommand::register));
        all.put("deregister", new Verb("print what kubectl delete takes to forget it", RegisterCommand::deregister));
        all.put("dns", new Verb("serve DNS alone, or ask the running one", DnsCommand::new));
        return all;
    }

    /** All verbs in one model, for what is made of it when a package is built. */
    private static CommandLine everything() {
        CommandLine all = new CommandLine(CommandSpec.create().name("outrider"));
        verbs().forEach((name, verb) -> all.addSubcommand(name, verb.command().get()));
        return all;
    }

    private static Verb manual() {
        Map<String, String> summaries = new LinkedHashMap<>();
        verbs().forEach((name, verb) -> summaries.put(name, verb.summary()));
        return new Verb("", () -> new ManualCommand(Main::everything, summaries, Version.NUMBER));
    }

    public static void main(String[] args) {
        int code = run(args);
        if (code != 0) {
            System.exit(code);
        }
    }

    /** Ends the process now: what had to be finished is. */
    static void halt(int code) {
        System.out.flush();
        System.err.flush();
        Runtime.getRuntime().halt(code);
    }

    /** 0 = done, or running in threads of its own. */
    static int run(String... args) {
        Map<String, Verb> verbs = verbs();
        if (args.length == 0 || args[0].equals("help") || (args.length == 1 && (args[0].equals("-h") || args[0].equals("--help")))) {
            System.out.print(usage(verbs));
            return args.length == 0 ? 2 : 0;
        }
        boolean bare = args[0].startsWith("-");
        String name = bare ? "proxy" : args[0];
        Verb verb = name.equals("manual") ? manual() : verbs.get(name);
        if (verb == null) {
            System.err.println("outrider: unknown verb '" + name + "'; it is one of " + String.join(", ", verbs.keySet()));
            return 2;
        }
        List<String> arguments = Arrays.asList(args).subList(bare ? 0 : 1, args.length);
        if (verb.command().get() instanceof QuickOptions quick && QuickOptions.read(quick, arguments)) {
            try {
                return quick.call();
            } catch (Exception e) {
                return report(e);
            }
        }
        return execute(name, verb, arguments);
    }

    private static int execute(String name, Verb verb, List<String> arguments) {
        CommandLine line = new CommandLine(verb.command().get());
        CommandSpec spec = line.getCommandSpec();
        spec.name("outrider " + name);
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setExecutionExceptionHandler((e, l, r) -> report(e));
        line.setParameterExceptionHandler((e, a) -> {
            System.err.println("outrider " + name + ": " + firstLine(e.getMessage()) + "; see outrider " + name + " --help");
            return 2;
        });
        return line.execute(arguments.toArray(String[]::new));
    }

    /** A start-up error is one line; anything else is a defect and shows where. */
    private static int report(Exception e) {
        if (e instanceof StartupException) {
            System.err.println("outrider: " + firstLine(e.getMessage()));
        } else {
            e.printStackTrace();
        }
        return 1;
    }

    private static String firstLine(@Nullable String message) {
        return message == null ? "unknown error" : message.strip().replace("\n", "; ");
    }

    private static String usage(Map<String, Verb> verbs) {
        StringBuilder out = new StringBuilder("usage: outrider VERB [options], or outrider -c BOOTSTRAP [options]\n\n");
        verbs.forEach((name, verb) -> out.append("  ").append(String.format("%-11s", name)).append(verb.summary()).append('\n'));
        return out.append("\noutrider VERB --help lists the options of a verb.\n").toString();
    }
}
