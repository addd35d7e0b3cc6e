package dev.outrider.proxy.probe;

import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.ads.WorkloadHealth;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the service again and again, and reports each change that its thresholds confirm; as with Istio's agent, nothing is healthy while the
 * sidecar itself does not serve. On a thread of its own, as looking blocks; questions from any thread.
 */
public final class Prober implements AutoCloseable {

    /** @param local this machine, as the mesh reaches it */
    public record Settings(ReadinessProbe probe, InetAddress local) {}

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.probe");
    private static final int MOST_REASON = 500;

    private final ReadinessProbe probe;
    private final Check check;
    private final BooleanSupplier serving;
    private final Consumer<WorkloadHealth> report;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("outrider-probe", true));
    private final Counter attempts;
    private final Counter successes;
    private final Counter failures;
    private int inRow;
    private boolean lastWell;
    private volatile @Nullable WorkloadHealth reported;

    Prober(ReadinessProbe probe, Check check, BooleanSupplier serving, Stats stats, Consumer<WorkloadHealth> report) {
        this.probe = probe;
        this.check = check;
        this.serving = serving;
        this.report = report;
        attempts = stats.counter("workload.health_check.attempt");
        successes = stats.counter("workload.health_check.success");
        failures = stats.counter("workload.health_check.failure");
        var unusedState = stats.gauge("workload.health_check.healthy", () -> isWell() ? 1 : 0);
    }

    /** {@code report} is called on the prober's thread. */
    public static Prober of(Settings settings, GrpcTransport transport, BooleanSupplier serving, Stats stats, Consumer<WorkloadHealth> report) {
        ReadinessProbe probe = settings.probe();
        InetAddress local = settings.local();
        Duration timeout = probe.timeout();
        Check check = switch (probe.action()) {
            case ReadinessProbe.Http http -> new HttpCheck(http, new ProbeTarget(http.host(), http.port(), local), timeout);
            case ReadinessProbe.Tcp tcp -> new TcpCheck(new ProbeTarget(tcp.host(), tcp.port(), local), timeout);
            case ReadinessProbe.Grpc grpc -> new GrpcCheck(grpc.service(), new ProbeTarget("", grpc.port(), local), timeout, transport);
            case ReadinessProbe.Exec exec -> new ExecCheck(exec.command(), timeout);
        };
        return new Prober(probe, check, serving, stats, report);
    }

    /** The first look comes when the initial delay is over. */
    public void start() {
        schedule(probe.initialDelay().toNanos());
    }

    private void schedule(long nanos) {
        try {
            var unused = thread.schedule(this::lookAndGoOn, nanos, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.fine("no more probes: closed");
        }
    }

    private void lookAndGoOn() {
        long began = System.nanoTime();
        look();
        schedule(Math.max(0, probe.period().toNanos() - (System.nanoTime() - began)));
    }

    /** One look and what follows from it. */
    void look() {
        attempts.inc();
        String wrong = wrong();
        (wrong.isEmpty() ? successes : failures).inc();
        boolean well = wrong.isEmpty();
        inRow = well == lastWell ? inRow + 1 : 1;
        lastWell = well;
        WorkloadHealth before = reported;
        boolean confirmed = inRow >= (well ? probe.successThreshold() : probe.failureThreshold());
        if (confirmed && (before == null || before.healthy() != well) && !thread.isShutdown()) {
            WorkloadHealth now = well ? WorkloadHealth.HEALTHY : new WorkloadHealth(false, wrong);
            reported = now;
            if (well) {
                LOG.info("the workload is healthy");
            } else {
                LOG.warning("the workload is unhealthy: " + wrong);
            }
            report.accept(now);
        }
    }

    /** Empty when all is well. */
    private String wrong() {
        if (!serving.getAsBoolean()) {
            return "the sidecar has no configuration yet";
        }
        try {
            check.run();
            return "";
        } catch (IOException | RuntimeException e) {
            String reason = String.valueOf(e.getMessage());
            return reason.length() > MOST_REASON ? reason.substring(0, MOST_REASON) : reason;
        }
    }

    private boolean isWell() {
        WorkloadHealth last = reported;
        return last != null && last.healthy();
    }

    /** What was last reported, where that is not well. */
    public List<String> impairments() {
        WorkloadHealth last = reported;
        return last == null || last.healthy() ? List.of() : List.of("workload: unhealthy: " + last.reason());
    }

    /** Nothing is reported from now on. */
    @Override
    public void close() {
        thread.shutdownNow();
    }
}
