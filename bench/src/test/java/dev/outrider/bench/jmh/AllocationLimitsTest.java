package dev.outrider.bench.jmh;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;

class AllocationLimitsTest {

    private final AllocationLimits limits = new AllocationLimits(Map.of("Hops.call way=TCP", 0L, "Hops.call way=HTTP", 600L));

    private List<String> objections(Map<String, Double> measured, boolean all) {
        return limits.objections(new TreeMap<>(measured), all);
    }

    @Test
    void fractionsOfAByteAreNoise() {
        assertEquals(List.of(), objections(Map.of("Hops.call way=TCP", 0.7, "Hops.call way=HTTP", 600.4), true));
    }

    @Test
    void growthIsNamedWithBothFigures() {
        assertEquals(List.of("Hops.call way=TCP: allocates 24 bytes, limit 0"), objections(Map.of("Hops.call way=TCP", 24.2), false));
    }

    @Test
    void nothingEscapesByBeingNew() {
        assertEquals(List.of("Codecs.http3: has no limit"), objections(Map.of("Codecs.http3", 1.0), false));
    }

    @Test
    void nothingEscapesByNotBeingMeasured() {
        assertEquals(List.of("Hops.call way=HTTP: has a limit and was not measured"), objections(Map.of("Hops.call way=TCP", 0.0), true));
    }

    @Test
    void aRecordAdmitsWhatItWasMadeFrom(@TempDir Path folder) throws IOException {
        var measured = new TreeMap<>(Map.of("a b=1", 1_000.4, "c", 0.3));
        Path file = folder.resolve("limits.tsv");
        AllocationLimits.of(measured).write(file);
        AllocationLimits read = AllocationLimits.read(file);
        assertEquals(List.of(), read.objections(measured, true));
        assertEquals(0L, read.limits().get("c"));
        measured.put("a b=1", 1_200.0);
        assertEquals(1, read.objections(measured, true).size());
    }
}
