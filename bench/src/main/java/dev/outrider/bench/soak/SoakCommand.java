package dev.outrider.bench.soak;

import dev.outrider.bench.load.LoadProcess;
import dev.outrider.bench.process.Children;
import dev.outrider.bench.process.Ports;
import dev.outrider.bench.process.Scratch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider bench soak}: load and pushes for minutes, and whether memory and descriptors stay flat. Main thread. */
@Command(name = "outrider bench soak", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Mixed load with a configuration push every second. Exit 1 when memory or file descriptors rise.")
public final class SoakCommand implements Callable<Integer> {

    private static final double MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long PUSH_NANOS = TimeUnit.SECONDS.toNanos(1);

    @Option(names = "--minutes", paramLabel = "N", description = "how long, default ${DEFAULT-VALUE}")
    private double minutes = 30;

    @Option(names = "--out", paramLabel = "DIR", description = "where SOAK.svg goes, default: the current folder")
    private Path out = Path.of("");

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("outrider.home", "packaging")).toAbsolutePath();
        Map<String, List<Reading>> readings = new LinkedHashMap<>();
        List<String> objections = new ArrayList<>();
        try (Scratch scratch = new Scratch("outrider-soak"); Children children = new Children(scratch.path())) {
            LoadProcess load = LoadProcess.start(children);
            SoakMesh mesh = new SoakMesh(home, scratch.path(), children, new Ports(), load);
            long began = System.nanoTime();
            MixedLoad mixed = new MixedLoad(load, mesh, () -> read(mesh, (System.nanoTime() - began) / MINUTE_NANOS, readings));
            Thread loading = Thread.ofPlatform().name("soak-load").start(mixed);
            push(mesh, mixed);
            mixed.stop();
            loading.join();
            System.out.printf(Locale.ROOT, "%,d calls, %,d failed, %,d pushes%n", mixed.completed(), mixed.failed(), mesh.pushes());
            judge(mixed, objections);
        }
        readings.forEach((name, each) -> Slope.objections(each).forEach(o -> objections.add(name + ": " + o)));
        Files.createDirectories(out.toAbsolutePath());
        Files.writeString(out.resolve("SOAK.svg"), SoakPlot.svg(readings));
        objections.forEach(o -> System.err.println("outrider bench soak: " + o));
        return objections.isEmpty() ? 0 : 1;
    }

    /** Until the time is over or the load has broken off. */
    private void push(SoakMesh mesh, MixedLoad mixed) {
        long began = System.nanoTime();
        for (long next = began; next - began < minutes * MINUTE_NANOS && mixed.broken().isEmpty(); next += PUSH_NANOS) {
            LockSupport.parkNanos(next - System.nanoTime());
            mesh.push();
        }
    }

    private static void read(SoakMesh mesh, double minute, Map<String, List<Reading>> readings) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%6.1f min", minute));
        for (Watched process : mesh.processes()) {
            Reading reading = process.read(minute);
            readings.computeIfAbsent(process.child().name(), name -> new ArrayList<>()).add(reading);
            line.append(String.format(Locale.ROOT, "  %s: RSS %.0f, heap %.1f, direct %.1f MB, %.0f descriptors", process.child().name(),
                    reading.rssMegabytes(), reading.heapMegabytes(), reading.directMegabytes(), reading.descriptors()));
        }
        System.out.println(line);
    }

    private static void judge(MixedLoad mixed, List<String> objections) {
        if (!mixed.broken().isEmpty()) {
            objections.add("the load broke off: " + mixed.broken());
        }
        // A push drains connections, which costs a client that heeds it nothing.
        if (mixed.failed() > 0) {
            objections.add(mixed.failed() + " of " + (mixed.completed() + mixed.failed()) + " calls failed");
        }
    }
}
