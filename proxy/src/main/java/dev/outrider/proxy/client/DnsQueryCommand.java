package dev.outrider.proxy.client;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code outrider dns query}: the running shim's answer to a question, and where it came from. */
@Command(name = "query", description = "Ask the running sidecar for a name, and say where the answer came from.")
public final class DnsQueryCommand implements Callable<Integer> {

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Mixin
    private AdminCall admin = new AdminCall();

    @Parameters(index = "0", paramLabel = "NAME")
    private String name = "";

    @Parameters(index = "1", paramLabel = "TYPE", arity = "0..1", description = "default ${DEFAULT-VALUE}")
    private String type = "A";

    @Override
    public Integer call() {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("name", name);
        parameters.put("type", type);
        return admin.print("/dns", parameters);
    }

    /** {@code outrider dns dump}: everything that the running shim holds. */
    @Command(name = "dump", description = "Show the running sidecar's names, cache and resolvers.")
    public static final class Dump implements Callable<Integer> {

        @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
        private boolean help;

        @Mixin
        private AdminCall admin = new AdminCall();

        @Override
        public Integer call() {
            return admin.print("/dns", Map.of());
        }
    }
}
