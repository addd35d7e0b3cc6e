package dev.outrider.bench.peer;

import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.Hop.Security;
import dev.outrider.bench.peer.ProxyPlan.Features;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.bootstrap.BootstrapLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What the measurements configure must be what Outrider reads, whole and without a field that it ignores. */
class EnvoyConfigTest {

    @TempDir
    private Path folder;

    private EnvoyConfig config(Features features, Hop... hops) {
        return new EnvoyConfig(new ProxyPlan("plan", List.of(hops), 15_000, features), Credentials.write(folder), "/dev/null");
    }

    private static Bootstrap load(String text) {
        var loaded = BootstrapLoader.load("plan", text, true);
        assertEquals(List.of(), loaded.errors());
        return Objects.requireNonNull(loaded.value());
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void everyHopIsRead(Kind kind) {
        for (Security security : Security.values()) {
            Bootstrap read = load(config(new Features(kind != Kind.TCP, true, 3), new Hop(kind, security, 8_080, 8_081)).fixed());
            assertEquals("hop-8080", read.listeners().getFirst().name());
            assertEquals(4, read.clusters().size());
        }
    }

    @Test
    void severalHopsShareAProcess() {
        Bootstrap read = load(config(Features.NONE, new Hop(Kind.HTTP, Security.NONE, 1, 2), new Hop(Kind.TCP, Security.TOWARDS_TARGET, 3, 4)).fixed());
        assertEquals(2, read.listeners().size());
        assertEquals(2, read.clusters().size());
    }
}
