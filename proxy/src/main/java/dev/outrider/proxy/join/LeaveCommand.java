package dev.outrider.proxy.join;

import dev.outrider.proxy.intercept.Interceptor;
import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.tool.SystemRuleRunner;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider leave}: stops the sidecar, its rules with it, and undoes what join changed. */
@Command(description = "Takes this machine out of the mesh: stops the service, and undoes every change that join made.")
public final class LeaveCommand implements Callable<Integer> {

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Option(names = "--root", paramLabel = "DIR", description = "files below DIR, default ${DEFAULT-VALUE}; another than / starts and stops nothing")
    private Path root = Path.of("/");

    @Override
    public Integer call() throws InterruptedException {
        try {
            if (root.equals(Path.of("/"))) {
                int stopped = new ProcessBuilder("systemctl", "stop", "outrider.service").inheritIO().start().waitFor();
                System.out.println(stopped == 0 ? "ok    stopped, and the interception rules are gone" : "FAIL  systemctl stop outrider.service");
                if (stopped != 0) {
                    return 1;
                }
                // Whatever interception.onStop leaves there: a machine that has left has no mesh to refuse.
                Path state = root.resolve("run/outrider-interception");
                var unused = new Interceptor(new SystemRuleRunner(state), state).remove(System.out);
            }
            var record = new JoinRecord(root);
            if (!record.exists()) {
                System.out.println("ok    this machine was not joined by outrider join: its files are the operator's");
                return 0;
            }
            record.undo().forEach(line -> System.out.println("ok    " + line));
            return 0;
        } catch (IOException | RuleException e) {
            System.err.println("outrider leave: " + e.getMessage());
            return 1;
        }
    }
}
