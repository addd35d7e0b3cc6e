package dev.outrider.proxy.doctor;

import dev.outrider.proxy.doctor.check.Check;
import dev.outrider.proxy.doctor.check.Finding;
import dev.outrider.proxy.machine.setting.Places;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider doctor}: every check, each finding with its remedy. 0 = nothing wrong, 1 = an error was found. */
@Command(mixinStandardHelpOptions = true, description = {
    "Looks for what is wrong on this machine, and says what to do: settings, files and their modes, certificates, clock, ports, kernel, rules, firewalls, resolver, "
        + "control plane, sidecar, limits, registration.",
    "Exit status: 0 when nothing has to be repaired, 1 when something has."})
public final class DoctorCommand implements Callable<Integer> {

    @Option(names = "--json", description = "for scripts")
    private boolean json;

    @Option(names = {"-q", "--quiet"}, description = "only what is wrong")
    private boolean quiet;

    @Option(names = "--root", paramLabel = "DIR", description = "read the files below DIR, default ${DEFAULT-VALUE}")
    private Path root = Path.of("/");

    @Option(names = "--admin", paramLabel = "ADDR:PORT", description = "of the running sidecar, default ${DEFAULT-VALUE}")
    private String admin = "127.0.0.1:15000";

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        SystemMachine machine = new SystemMachine(new Places(root), admin);
        List<Finding> all = new ArrayList<>();
        // All at once: each waits for something else, and together they are to take no longer than the slowest.
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Finding>>> looks = Check.all().stream().map(check -> threads.submit(() -> check.look(machine))).toList();
            for (Future<List<Finding>> look : looks) {
                all.addAll(look.get());
            }
        }
        if (json) {
            printJson(all, System.out);
        } else {
            printText(all, System.out);
        }
        return all.stream().anyMatch(finding -> finding.level() == Finding.Level.ERROR) ? 1 : 0;
    }

    private void printText(List<Finding> all, PrintStream out) {
        for (Finding finding : all) {
            if (quiet && finding.level() == Finding.Level.OK) {
                continue;
            }
            String mark = switch (finding.level()) {
                case OK -> "ok";
                case WARNING -> "warn";
                case ERROR -> "ERROR";
            };
            out.println(String.format("  %-6s %-14s %s", mark, finding.check(), finding.what()));
            if (!finding.remedy().isEmpty()) {
                out.println(" ".repeat(24) + "-> " + finding.remedy());
            }
        }
        long errors = all.stream().filter(finding -> finding.level() == Finding.Level.ERROR).count();
        long warnings = all.stream().filter(finding -> finding.level() == Finding.Level.WARNING).count();
        out.println(errors + warnings == 0 ? "Nothing wrong was found." : errors + " to repair, " + warnings + " to know.");
    }

    private static void printJson(List<Finding> all, PrintStream out) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Finding finding : all) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("level", finding.level().name());
            row.put("check", finding.check());
            row.put("what", finding.what());
            row.put("remedy", finding.remedy());
            rows.add(row);
        }
        out.println(new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.FLOW).setDefaultScalarStyle(ScalarStyle.JSON_SCALAR_STYLE).setWidth(Integer.MAX_VALUE).build())
                .dumpToString(rows).strip());
    }
}
