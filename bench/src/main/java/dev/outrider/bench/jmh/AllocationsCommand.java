package dev.outrider.bench.jmh;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider bench allocations}: runs the JMH suite and holds its allocations against the stored ones. Times are printed, never judged. Main thread. */
@Command(name = "outrider bench allocations", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Bytes allocated for each operation of the hot path, against bench/allocations.tsv. Exit 1 when one grew.")
public final class AllocationsCommand implements Callable<Integer> {

    private static final String ALLOCATION = "gc.alloc.rate.norm";

    @Option(names = "--only", paramLabel = "REGEX", description = "these benchmarks alone")
    private String only = "dev\\.outrider\\.bench\\.jmh\\..*";

    @Option(names = "--full", description = "longer, in three processes each: for times")
    private boolean full;

    @Option(names = "--record", description = "write the limits anew")
    private boolean record;

    @Option(names = "--limits", paramLabel = "FILE", description = "default: bench/allocations.tsv of the source tree")
    private Path limits = Path.of(System.getProperty("outrider.home", "packaging")).resolveSibling("bench").resolve("allocations.tsv");

    @Override
    public Integer call() throws IOException, RunnerException {
        SortedMap<String, Double> measured = run();
        measured.forEach((operation, bytes) -> System.out.printf(Locale.ROOT, "%8.0f bytes  %s%n", bytes, operation));
        if (record) {
            AllocationLimits.of(measured).write(limits);
            return 0;
        }
        List<String> objections = AllocationLimits.read(limits).objections(measured, only.startsWith("dev"));
        objections.forEach(o -> System.err.println("outrider bench allocations: " + o));
        return objections.isEmpty() && !measured.isEmpty() ? 0 : 1;
    }

    private SortedMap<String, Double> run() throws RunnerException {
        SortedMap<String, Double> measured = new TreeMap<>();
        for (RunResult result : new Runner(new OptionsBuilder()
                .include(only)
                .mode(Mode.SampleTime)
                .forks(full ? 3 : 1)
                .warmupIterations(full ? 5 : 3)
                .warmupTime(full ? TimeValue.seconds(2) : TimeValue.milliseconds(700))
                .measurementIterations(full ? 5 : 2)
                .measurementTime(full ? TimeValue.seconds(2) : TimeValue.milliseconds(500))
                .addProfiler(GCProfiler.class)
                .addProfiler(DataLoopProfiler.class)
                .shouldFailOnError(true)
                .jvmArgs("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xmx512m", "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow", "-Dio.netty.leakDetection.level=disabled", "-Djava.util.logging.config.file=/dev/null")
                .build()).run()) {
            put(measured, name(result), result.getSecondaryResults().get(ALLOCATION));
            put(measured, name(result) + ", data loops alone", result.getSecondaryResults().get(DataLoopProfiler.LABEL));
        }
        return measured;
    }

    private static void put(SortedMap<String, Double> measured, String name, @Nullable Result<?> allocation) {
        if (allocation != null) {
            measured.put(name, allocation.getScore());
        }
    }

    /** {@code Hops.call way=HTTP}. */
    private static String name(RunResult result) {
        String full = result.getParams().getBenchmark();
        int method = full.lastIndexOf('.');
        StringBuilder name = new StringBuilder(full.substring(full.lastIndexOf('.', method - 1) + 1));
        for (String parameter : result.getParams().getParamsKeys()) {
            name.append(' ').append(parameter).append('=').append(result.getParams().getParam(parameter));
        }
        return name.toString();
    }
}
