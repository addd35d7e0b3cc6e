package dev.outrider.proxy.client;

import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code outrider status}. 0 = traffic may be sent here, 1 = not ready, 2 = nobody could be asked. */
@Command(name = "status", description = {
    "Shows how the running sidecar is: state, identity, control plane, DNS, interception, traffic, warnings.",
    "Exit status: 0 when it is ready, 1 when it is not, 2 when it could not be asked."})
public final class StatusCommand implements Callable<Integer> {

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Mixin
    private AdminCall admin = new AdminCall();

    @Override
    public Integer call() {
        return admin.printAnswered("GET", "/status", Map.of());
    }
}
