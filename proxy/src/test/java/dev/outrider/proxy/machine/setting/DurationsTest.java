package dev.outrider.proxy.machine.setting;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

class DurationsTest {

    @ParameterizedTest
    @CsvSource({"500ms, PT0.5S", "30s, PT30S", "5m, PT5M", "24h, PT24H", "12h0m0s, PT12H", "1h30m, PT1H30M", "2m5s, PT2M5S", "1m500ms, PT1M0.5S", "1s500ms, PT1.5S"})
    void partsAddUp(String text, Duration expected) {
        assertEquals(expected, Durations.parse(text));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "h", "1d", "5m1h", "1h1h", "-1s", "1.5h", "30 s", "12h0m0", "9999999999s"})
    void everythingElseIsRefused(String text) {
        assertFalse(Durations.accepts(text));
        assertThrows(IllegalArgumentException.class, () -> Durations.parse(text));
    }
}
