package dev.outrider.bench.training;

import dev.outrider.bench.load.LoadProcess;
import dev.outrider.bench.load.LoadReply;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children;
import dev.outrider.bench.process.Ports;
import dev.outrider.bench.process.Scratch;
import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.demo.DemoCluster;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider bench train}: makes the AOT caches, or says why not and exits with 1. Main thread. */
@Command(name = "outrider bench train", mixinStandardHelpOptions = true, sortOptions = false,
        description = "Records a sidecar under load and writes the AOT caches that the launcher uses.")
public final class TrainCommand implements Callable<Integer> {

    private static final double SLICE_SECONDS = 0.8;

    /** Enough for the JIT's last tier: what was not compiled leaves no profile. */
    private static final long LEAST_CALLS = 8_000;

    private static final long LEAST_CONNECTIONS = 2_000;
    private static final int MOST_SLICES = 5;

    private static final double MESH_SECONDS = 1.5;
    private static final long MESH_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final int PORTS_OF_THE_MESH = 7;
    private static final List<List<Integer>> WEIGHTS = List.of(List.of(50, 0, 50), List.of(0, 100, 0), List.of(80, 10, 10));

    /** Of the load's calls, at most: more says that what was recorded is not the path. */
    private static final double MOST_FAILED = 0.001;

    @Option(names = "--cache", required = true, paramLabel = "FILE", description = "the sidecar's cache")
    private Path cache = Path.of("");

    @Option(names = "--command-cache", required = true, paramLabel = "FILE", description = "the cache of root's commands at a service's start")
    private Path commandCache = Path.of("");

    @Override
    public Integer call() throws InterruptedException {
        Path home = Path.of(System.getProperty("outrider.home", "packaging")).toAbsolutePath();
        forget();
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try (Scratch scratch = new Scratch("outrider-training"); Children children = new Children(scratch.path())) {
            try {
                record(home, loop, scratch.path(), children);
            } finally {
                log(scratch.path().resolve("machine.log"));
                log(scratch.path().resolve("command.log"));
            }
            return Files.exists(cache) && Files.exists(commandCache) ? 0 : failed("the JVM wrote none");
        } catch (IOException | StartupException | RuntimeException e) {
            return failed(String.valueOf(e.getMessage()));
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    /** With the JVM's reasons for what it left out. */
    private static void log(Path file) throws IOException {
        if (Files.exists(file)) {
            System.out.print(Files.readString(file, StandardCharsets.ISO_8859_1));
        }
    }

    /** The launcher would use them; half a recording is none. */
    private void forget() {
        for (Path each : List.of(cache, commandCache)) {
            boolean unused = each.toFile().delete();
        }
    }

    private int failed(String why) {
        forget();
        System.err.println("outrider bench train: no cache: " + why);
        return 1;
    }

    private void record(Path home, EventLoopGroup loop, Path scratch, Children children)
            throws IOException, StartupException, InterruptedException {
        Ports free = new Ports();
        LoadProcess backends = LoadProcess.start(children);
        Hops hops = new Hops(free, backends, SLICE_SECONDS);
        var ports = new Machine.Ports(free.free(), free.free(), free.free(), free.free());
        try (Names names = new Names();
                DemoCluster cluster = new DemoCluster(free.range(PORTS_OF_THE_MESH));
                MeshAuthority authority = new MeshAuthority(cluster.authority(), DemoCluster.machineIdentity());
                ReadySocket supervisor = new ReadySocket(loop, scratch.resolve("notify"))) {
            Machine machine = Machine.install(scratch.resolve("root"), ports,
                    new Machine.Mesh(cluster.controlPlanePort(), authority.port(), cluster.authority().rootPem(), names.resolver()));
            String overlay = hops.overlay(Credentials.write(scratch), scratch.resolve("access.log"));
            Child child = machine.start(children, home.resolve("bin/outrider"), supervisor, overlay, "-XX:AOTCacheOutput=" + cache.toAbsolutePath());
            say("ready");
            mesh(cluster, hops.adminPort());
            for (LoadSpec slice : hops.load()) {
                run(backends, slice);
            }
            names.ask(machine.dns(), SLICE_SECONDS);
            pages(hops.adminPort(), ports);
            say("ending");
            Machine.stop(child);
            machine.command(children, home.resolve("bin/outrider"), "-XX:AOTCacheOutput=" + commandCache.toAbsolutePath());
            say("done");
        }
    }

    /** Calls by the control plane's configuration, while that changes. The static listeners made it ready; the others come when the stream is up. */
    private static void mesh(DemoCluster cluster, int adminPort) throws IOException {
        long limit = System.nanoTime() + MESH_LIMIT_NANOS;
        while (!page(adminPort + "/listeners").contains("virtualInbound-vmhttp") && System.nanoTime() < limit) {
            LockSupport.parkNanos(POLL_NANOS);
        }
        for (List<Integer> weights : WEIGHTS) {
            long end = System.nanoTime() + (long) (MESH_SECONDS * 1e9 / WEIGHTS.size());
            cluster.reviews(weights);
            while (System.nanoTime() < end) {
                cluster.callAll();
            }
        }
        say("mesh: " + WEIGHTS.size() + " pushes");
    }

    /** On a busy machine for longer. */
    private static void run(LoadProcess backends, LoadSpec slice) {
        long calls = 0;
        for (int i = 0; i == 0 || i < MOST_SLICES && slice.rate() == 0 && calls < least(slice); i++) {
            LoadReply reply = backends.run(slice);
            if (reply.failed() > reply.completed() * MOST_FAILED) {
                throw new IllegalStateException(reply.failed() + " calls of " + slice + " failed");
            }
            calls += reply.completed();
        }
        say(String.format(Locale.ROOT, "%s to %d: %,d calls", slice.kind(), slice.port(), calls));
    }

    private static long least(LoadSpec slice) {
        return switch (slice.kind()) {
            case CONNECT -> LEAST_CONNECTIONS;
            case BULK -> 0;
            default -> LEAST_CALLS;
        };
    }

    /** What a scraper and a health check ask. */
    private static void pages(int adminPort, Machine.Ports ports) throws IOException {
        for (String page : List.of(
                adminPort + "/ready", adminPort + "/stats/prometheus", ports.status() + "/stats/prometheus", ports.health() + "/healthz/ready",
                ports.metrics() + "/stats/prometheus")) {
            for (int i = 0; i < 3; i++) {
                String unused = page(page);
            }
        }
    }

    private static String page(String page) throws IOException {
        try (InputStream in = URI.create("http://127.0.0.1:" + page).toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static void say(String text) {
        System.out.printf(Locale.ROOT, "%6.1f s  %s%n", ProcessHandle.current().info().startInstant().map(t -> (System.currentTimeMillis() - t.toEpochMilli()) / 1e3).orElse(0.0), text);
    }
}
