package dev.outrider.bench.round;

import dev.outrider.bench.report.Plot;
import dev.outrider.bench.report.Report;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class OutcomeTest {

    private static final Metric P50 = Metric.latency("p50 µs");
    private static final Metric COST = Metric.cost("CPU µs");

    private final Outcome outcome = new Outcome(new Workload() {
        @Override
        public String id() {
            return "http";
        }

        @Override
        public String title() {
            return "a hop";
        }

        @Override
        public String reference() {
            return "envoy";
        }

        @Override
        public List<Contender> contenders(Lab lab) {
            return List.of();
        }
    });

    @BeforeEach
    void threeRounds() {
        for (int drift = 1; drift <= 3; drift++) {
            outcome.add("direct", new Sample().with(P50, 100.0 * drift));
            outcome.add("outrider", new Sample().with(COST, 20.0 * drift).with(P50, 150.0 * drift));
            outcome.add("envoy", new Sample().with(COST, 40.0 * drift).with(P50, 300.0 * drift));
        }
    }

    @Test
    void ratiosAreFormedWithinARound() {
        assertEquals(new Spread(3, 40, 20, 60), outcome.values("outrider", COST));
        assertEquals(new Spread(3, 0.5, 0.5, 0.5), outcome.ratios("outrider", COST));
        assertEquals(new Spread(3, 100, 50, 150), outcome.added("outrider", P50));
        assertEquals(new Spread(3, 0.25, 0.25, 0.25), outcome.addedRatios("outrider", P50));
    }

    @Test
    void whoIsAbsentIsSaidWithTheReason() {
        outcome.absent("haproxy", "not installed: apt install haproxy");
        outcome.failed("envoy", "ended");
        String text = Report.markdown(Map.of("date", "today"), List.of(outcome));
        assertTrue(text.contains("**Without haproxy**: not installed: apt install haproxy"), text);
        assertTrue(text.contains("**Without envoy**: failed: ended"), text);
        assertFalse(text.contains("ratio to"), text);
    }

    @Test
    void theReportHasEveryFigureAndRatio() {
        String text = Report.markdown(Map.of("date", "today"), List.of(outcome));
        assertTrue(text.contains("| CPU µs |  | 40 [20..60] | 80 [40..120] |"), text);
        assertTrue(text.contains("| — ratio to envoy |  | 0.50 [0.50..0.50] | 1 [1..1] |"), text);
        assertTrue(text.contains("| — above direct, ratio to envoy |  | 0.25 [0.25..0.25] | 1 [1..1] |"), text);
        assertTrue(Plot.svg(List.of(outcome)).contains(">http: CPU µs<"));
    }

    @Test
    void disturbedSlotsAreCounted() {
        Sample disturbed = new Sample().with(COST, 1);
        disturbed.foreignCores(0.5);
        outcome.add("outrider", disturbed);
        assertEquals(1, outcome.spoiled());
        assertTrue(Report.markdown(Map.of(), List.of(outcome)).contains("in 1 of 10 slots"));
    }
}
