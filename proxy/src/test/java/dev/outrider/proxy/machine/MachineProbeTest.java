package dev.outrider.proxy.machine;

import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import dev.outrider.proxy.probe.Prober;
import dev.outrider.proxy.probe.ReadinessProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The WorkloadGroup's probe as istioctl's bundle brings it. */
class MachineProbeTest {

    private static final List<String> INTERFACES = List.of("10.0.0.5", "172.17.0.1");
    private static final String MESH = """
            defaultConfig:
              discoveryAddress: istiod.istio-system.svc:15012
              readinessProbe:
                periodSeconds: 5
                httpGet:
                  path: /health
                  port: 8080
              tracing:
                sampling: 12.5
            """;

    @TempDir
    private Path root;

    private void write(Path file, String text) throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private MachineConfig machine() throws Exception {
        return MachineConfig.read(new Places(root), INTERFACES, "vm-1");
    }

    private Prober.@Nullable Settings probe() throws Exception {
        return MachineProbe.of(EffectiveSettings.read(new Places(root)), machine(), INTERFACES);
    }

    @Test
    void theBundlesProbeIsTakenAndTheControlPlaneIsToldThatThereIsOne() throws Exception {
        Places places = new Places(root);
        write(places.meshConfig(), MESH);
        write(places.clusterEnv(), "ISTIO_META_AUTO_REGISTER_GROUP=shop\nISTIO_META_CLUSTER_ID=Kubernetes\n");
        Prober.Settings settings = probe();
        assertNotNull(settings);
        assertEquals(new ReadinessProbe.Http("", 8080, "/health", false, List.of()), settings.probe().action());
        assertEquals(Duration.ofSeconds(5), settings.probe().period());
        assertEquals("10.0.0.5", settings.local().getHostAddress());
        Map<?, ?> config = (Map<?, ?>) machine().metadata().get("PROXY_CONFIG");
        assertEquals(Map.of("periodSeconds", "5", "httpGet", Map.of("path", "/health", "port", "8080")), config.get("readinessProbe"));
        assertEquals(Map.of("sampling", 12.5), config.get("tracing"), "istiod takes it in place of the mesh's default, so all of it is needed");
    }

    @Test
    void aProxyConfigInAVariableReplacesFieldsAndAddsToTheMetadata() throws Exception {
        Places places = new Places(root);
        write(places.meshConfig(), MESH + "  proxyMetadata: {A: mesh, B: mesh}\n");
        write(places.sidecarEnv(), "PROXY_CONFIG='{tracing: {sampling: 1}, proxyMetadata: {B: variable}}'\n");
        Map<?, ?> config = (Map<?, ?>) machine().metadata().get("PROXY_CONFIG");
        assertEquals(Map.of("sampling", 1), config.get("tracing"));
        assertEquals(Map.of("A", "mesh", "B", "variable"), config.get("proxyMetadata"));
        assertEquals("istiod.istio-system.svc:15012", config.get("discoveryAddress"));
    }

    @Test
    void theOwnFileWins() throws Exception {
        Places places = new Places(root);
        write(places.meshConfig(), MESH);
        write(places.own(), "workload:\n  group: shop\n  probe: {tcpSocket: {port: 3306}}\n");
        Prober.Settings settings = probe();
        assertNotNull(settings);
        assertEquals(new ReadinessProbe.Tcp("", 3306), settings.probe().action());
        assertEquals(Map.of("tcpSocket", Map.of("port", "3306")), ((Map<?, ?>) machine().metadata().get("PROXY_CONFIG")).get("readinessProbe"));
    }

    @ParameterizedTest
    @CsvSource({"ISTIO_SVC_IP=203.0.113.7, 127.0.0.1", "ISTIO_SVC_IP=172.17.0.1, 172.17.0.1", "REWRITE_PROBE_LEGACY_LOCALHOST_DESTINATION=true, 127.0.0.1", "A=b, 10.0.0.5"})
    void anAddressThatOnlyTheMeshKnowsIsNotProbed(String line, String expected) throws Exception {
        Places places = new Places(root);
        write(places.meshConfig(), MESH);
        write(places.clusterEnv(), "ISTIO_META_AUTO_REGISTER_GROUP=shop\n" + line + "\n");
        Prober.Settings settings = probe();
        assertNotNull(settings);
        assertEquals(expected, settings.local().getHostAddress());
    }

    @Test
    void withoutAGroupNobodyIsTold() throws Exception {
        write(new Places(root).meshConfig(), MESH);
        assertNull(probe());
    }

    @Test
    void whatIsWrongIsNamedWithItsLine() throws Exception {
        Places places = new Places(root);
        write(places.meshConfig(), MESH.replace("port: 8080", "port: http"));
        write(places.clusterEnv(), "ISTIO_META_AUTO_REGISTER_GROUP=shop\n");
        String said = assertThrows(IllegalArgumentException.class, this::probe).getMessage();
        assertTrue(said.startsWith(places.meshConfig() + ":4: ") && said.endsWith("port 'http': must be a whole number"), said);
    }
}
