package dev.outrider.proxy.client;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * The process of a verb that only asks: what the launcher starts for {@code explain}, {@code status}, {@code dns query} and {@code dns dump}. The same
 * commands are among {@code Main}'s verbs, which its help lists.
 */
public final class Client {

    private Client() {}

    public static void main(String[] args) {
        int code = run(args);
        System.out.flush();
        System.err.flush();
        // Nothing is left to do, and the JVM takes longer to end by itself.
        Runtime.getRuntime().halt(code);
    }

    static int run(String... args) {
        int words = args.length > 1 && args[0].equals("dns") ? 2 : 1;
        String name = String.join(" ", List.of(args).subList(0, Math.min(words, args.length)));
        Callable<Integer> command = command(name);
        if (command == null) {
            System.err.println("outrider: '" + name + "' asks no running sidecar");
            return 2;
        }
        CommandLine line = new CommandLine(command);
        line.getCommandSpec().name("outrider " + name);
        line.setParameterExceptionHandler((e, a) -> {
            System.err.println("outrider " + name + ": " + e.getMessage() + "; see outrider " + name + " --help");
            return 2;
        });
        return line.execute(Arrays.copyOfRange(args, words, args.length));
    }

    private static @Nullable Callable<Integer> command(String name) {
        return switch (name) {
            case "status" -> new StatusCommand();
            case "explain" -> new ExplainCommand();
            case "dns query" -> new DnsQueryCommand();
            case "dns dump" -> new DnsQueryCommand.Dump();
            default -> null;
        };
    }
}
