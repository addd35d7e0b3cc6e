package dev.outrider.bench;

import dev.outrider.bench.load.LoadProcess;
import dev.outrider.bench.peer.Peer;
import dev.outrider.bench.peer.Peers;
import dev.outrider.bench.peer.Tool;
import dev.outrider.bench.process.Children;
import dev.outrider.bench.process.Ports;
import dev.outrider.bench.process.Scratch;
import dev.outrider.bench.report.Plot;
import dev.outrider.bench.report.Report;
import dev.outrider.bench.round.Effort;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Outcome;
import dev.outrider.bench.round.Rounds;
import dev.outrider.bench.round.Workload;
import dev.outrider.bench.workload.Workloads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider bench}: the end-to-end comparison. Main thread. */
@Command(name = "outrider bench", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Compares Outrider with Envoy, haproxy and no proxy, in turns on one machine. Needs two processors.")
final class CompareCommand implements Callable<Integer> {

    @Option(names = "--quick", description = "short slots with wide limits: a look, not a result")
    private boolean quick;

    @Option(names = "--out", paramLabel = "DIR", description = "where RESULTS.md and RESULTS.svg go, default: the current folder")
    private Path out = Path.of("");

    @Option(names = "--only", split = ",", paramLabel = "NAME", description = "these workloads alone")
    private List<String> only = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        List<Workload> chosen = !only.isEmpty() ? Workloads.all().stream().filter(w -> only.contains(w.id())).toList()
                : quick ? Workloads.quick() : Workloads.all();
        if (chosen.isEmpty() || Runtime.getRuntime().availableProcessors() < 2) {
            System.err.println("outrider bench: " + (chosen.isEmpty()
                    ? "no such workload; there are " + String.join(", ", Workloads.all().stream().map(Workload::id).toList())
                    : "needs two processors: one for the proxy, one for load and backend"));
            return 2;
        }
        Effort effort = quick ? Effort.brief() : Effort.full();
        Path home = Path.of(System.getProperty("outrider.home", "packaging")).toAbsolutePath();
        Map<String, String> facts = facts(home);
        List<Outcome> outcomes = new ArrayList<>();
        try (Scratch scratch = new Scratch("outrider-bench"); Children children = new Children(scratch.path())) {
            Lab lab = new Lab(effort, home, scratch.path(), children, new Ports(), LoadProcess.start(children));
            Rounds rounds = new Rounds(lab, text -> System.err.println("outrider bench: " + text));
            for (Workload workload : chosen) {
                Outcome outcome = rounds.run(workload);
                outcomes.add(outcome);
                write(facts, outcomes);
                if (outcome.failed()) {
                    scratch.keep();
                    System.err.println("outrider bench: what failed has its logs in " + scratch.path());
                }
            }
        }
        return 0;
    }

    /** After each workload: a run that is broken off leaves what it has. */
    private void write(Map<String, String> facts, List<Outcome> outcomes) throws IOException {
        Files.createDirectories(out.toAbsolutePath());
        Files.writeString(out.resolve("RESULTS.md"), Report.markdown(facts, outcomes));
        Files.writeString(out.resolve("RESULTS.svg"), Plot.svg(outcomes));
    }

    private Map<String, String> facts(Path home) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", Instant.now().truncatedTo(ChronoUnit.MINUTES).toString());
        facts.put("effort", quick
                ? "`--quick`: 3 rounds of short slots; a look, not a result. Only in a full run: " + String.join(", ", Workloads.fullOnly())
                : "full: 5 rounds");
        for (Peer peer : Peers.all(home)) {
            String version = peer.version();
            facts.put(peer.name(), version.isEmpty() ? "**not installed** (" + peer.remedy() + ")" : version);
        }
        facts.put("machine", Runtime.getRuntime().availableProcessors() + " processors, " + Tool.says("uname", "-srm"));
        return facts;
    }
}
