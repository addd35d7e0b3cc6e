package dev.outrider.bench.peer;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.round.Lab;
import java.nio.file.Path;
import java.util.List;

/** Outrider as its launcher starts it. */
public final class OutriderPeer implements Peer {

    private final Path launcher;

    public OutriderPeer(Path home) {
        launcher = home.resolve("bin/outrider");
    }

    @Override
    public String name() {
        return "outrider";
    }

    @Override
    public String version() {
        return Tool.says(launcher.toString(), "proxy", "--version").replaceFirst("^outrider +version: ", "");
    }

    @Override
    public String remedy() {
        return "build it: mvn -DskipTests package";
    }

    @Override
    public Child start(Lab lab, Processor processor, ProxyPlan plan, Credentials files) {
        String config = lab.file(plan.name() + ".json", new EnvoyConfig(plan, files, lab.scratch().resolve(plan.name() + ".access").toString()).fixed());
        return launch(lab.children(), processor, plan.name(), config, 1);
    }

    /** Starts one process on a bootstrap file. {@code drainSeconds}: how long connections of a listener that changed may live on. */
    public Child launch(Children children, Processor processor, String name, String config, int drainSeconds) {
        return children.start(name, processor, List.of(
                launcher.toString(), "proxy", "-c", config, "--concurrency", "1", "-l", "warning",
                "--drain-time-s", Integer.toString(drainSeconds)));
    }

    /** Starts a machine's process, names included, on both processors. */
    public Child machine(Lab lab, String name, String config, int dnsPort) {
        return lab.children().start(name, Processor.ANY, List.of(
                launcher.toString(), "proxy", "-c", config, "--concurrency", "1", "-l", "warning", "--dns-listen", "127.0.0.1:" + dnsPort));
    }
}
