package dev.outrider.proxy.mesh;

import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.xds.OnReject;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The whole sidecar starts again while the control plane is away, and serves what the one before it served. */
class RebootTest {

    @Test
    void servesTheLastKnownGoodConfigurationAndSaysSo(@TempDir Path state) throws Exception {
        CapturedMesh mesh = CapturedMesh.scenario("bookinfo");
        SidecarConfig config;
        ConfigDumps before;
        try (MeshControlPlane controlPlane = new MeshControlPlane(mesh.names())) {
            controlPlane.publish(mesh.snapshot("1"));
            config = SidecarConfig.of(MeshBootstrap.ads("DELTA_GRPC", controlPlane.port()))
                    .withMesh(new SidecarConfig.Mesh(OnReject.KEEP, state));
            try (Sidecar first = Sidecar.start(config)) {
                assertTrue(first.awaitReady(Duration.ofSeconds(30)), () -> first.unreadyReasons().toString());
                before = ConfigDumps.fetch(first.adminAddress());
            }
        }
        try (Sidecar second = Sidecar.start(config)) {
            assertTrue(second.awaitReady(Duration.ofSeconds(30)), () -> second.unreadyReasons().toString());
            ConfigDumps after = ConfigDumps.fetch(second.adminAddress());
            assertEquals(before.clusters().keySet(), after.clusters().keySet());
            assertEquals(before.listeners(), after.listeners());
            assertEquals(before.routes(), after.routes());
            assertEquals(before.endpoints(), after.endpoints());
            assertEquals(mesh.listeners().keySet(), second.listenerAddresses().keySet());
            assertTrue(ConfigDumps.get(second.adminAddress(), "/ready?verbose").contains("configuration: the last known good one, saved "));
            assertTrue(ConfigDumps.get(second.adminAddress(), "/stats?filter=last_known_good").contains("outrider.last_known_good: 1"));
        }
    }
}
