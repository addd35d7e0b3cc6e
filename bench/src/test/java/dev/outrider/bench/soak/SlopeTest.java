package dev.outrider.bench.soak;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class SlopeTest {

    private static List<Reading> readings(int count, IntToDoubleFunction rss, IntToDoubleFunction descriptors) {
        List<Reading> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(new Reading(i, rss.applyAsDouble(i), 20, 8, descriptors.applyAsDouble(i)));
        }
        return all;
    }

    @Test
    void warmUpAndSpikesAreNoLeak() {
        assertEquals(List.of(), Slope.objections(readings(30, i -> i < 15 ? 60 + 4 * i : i == 29 ? 200 : 120, i -> 80)));
    }

    @Test
    void whatGoesOnRisingIsNamed() {
        assertEquals(
                List.of("resident memory, MB rose from 177.0 to 227.0", "file descriptors rose from 97.0 to 147.0"),
                Slope.objections(readings(30, i -> 92 + 5 * i, i -> 12 + 5 * i)));
    }

    @Test
    void tooFewReadingsAreNotAPass() {
        assertEquals(1, Slope.objections(readings(3, i -> 100, i -> 80)).size());
    }
}
