package dev.outrider.proxy.probe;

import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.ads.WorkloadHealth;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ProberTest {

    private final Stats stats = new Stats();
    private final List<WorkloadHealth> reports = new ArrayList<>();
    private String wrong = "";

    private Prober prober(int successes, int failures, AtomicBoolean serving) {
        var probe = new ReadinessProbe(new ReadinessProbe.Tcp("", 1), Duration.ZERO, Duration.ofSeconds(1), Duration.ofSeconds(10), successes, failures);
        return new Prober(probe, () -> {
            if (!wrong.isEmpty()) {
                throw new IOException(wrong);
            }
        }, serving::get, stats, reports::add);
    }

    /** {@code looks}: + for a success, - for a failure; {@code reported} likewise, a dot where nothing was said. */
    @ParameterizedTest
    @CsvSource({
        "1, 1, +++--+, +..-.+",
        "1, 1, -,      -",
        "2, 3, +++,    .+.",
        "2, 3, ++--+---, .+.....-",
        "2, 3, ---+-++, ..-...+",
    })
    void onlyChangesThatTheThresholdsConfirmAreReported(int successes, int failures, String looks, String reported) {
        try (Prober prober = prober(successes, failures, new AtomicBoolean(true))) {
            StringBuilder said = new StringBuilder();
            for (char look : looks.toCharArray()) {
                wrong = look == '+' ? "" : "refused";
                int before = reports.size();
                prober.look();
                said.append(reports.size() == before ? '.' : reports.getLast().healthy() ? '+' : '-');
            }
            assertEquals(reported, said.toString());
        }
    }

    @Test
    void nothingIsHealthyWhileTheSidecarHasNoConfiguration() {
        var serving = new AtomicBoolean();
        try (Prober prober = prober(1, 1, serving)) {
            prober.look();
            assertEquals(List.of(new WorkloadHealth(false, "the sidecar has no configuration yet")), reports);
            serving.set(true);
            prober.look();
            assertEquals(WorkloadHealth.HEALTHY, reports.getLast());
        }
    }

    @Test
    void figuresAndReasonsAreThereToRead() {
        try (Prober prober = prober(1, 1, new AtomicBoolean(true))) {
            prober.look();
            assertEquals(1, stats.gauges().get("workload.health_check.healthy").value());
            wrong = "x".repeat(2_000);
            prober.look();
            assertEquals(0, stats.gauges().get("workload.health_check.healthy").value());
            assertEquals(500, reports.getLast().reason().length());
            assertEquals(2, stats.counters().get("workload.health_check.attempt").value());
            assertEquals(1, stats.counters().get("workload.health_check.success").value());
            assertEquals(1, stats.counters().get("workload.health_check.failure").value());
        }
    }

    @Test
    void aClosedProberReportsNoMore() {
        Prober prober = prober(1, 1, new AtomicBoolean(true));
        prober.close();
        prober.look();
        assertEquals(List.of(), reports);
    }

    @Test
    void looksFollowOneAnotherByThemselves() throws Exception {
        var seen = new CountDownLatch(2);
        var probe = new ReadinessProbe(new ReadinessProbe.Tcp("", 1), Duration.ZERO, Duration.ofSeconds(1), Duration.ofMillis(1), 1, 1);
        try (Prober prober = new Prober(probe, seen::countDown, () -> true, stats, health -> { })) {
            prober.start();
            assertTrue(seen.await(30, TimeUnit.SECONDS));
        }
    }
}
