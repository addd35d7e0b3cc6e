package dev.outrider.proxy.machine;

import dev.outrider.proxy.machine.setting.Places;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MachineConfigTest {

    @TempDir
    private Path root;

    private void clusterEnv(String text) throws Exception {
        Path file = new Places(root).clusterEnv();
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private MachineConfig read() throws Exception {
        return MachineConfig.read(new Places(root), List.of("10.0.0.5", "fd00::5"), "vm-1");
    }

    @Test
    void thePagesFileMeansThePagesControlPlane() throws Exception {
        clusterEnv("ISTIO_CP_AUTH=MUTUAL_TLS\nISTIO_SERVICE_CIDR=10.55.240.0/20\nISTIO_INBOUND_PORTS=3306,8080\n");
        MachineConfig config = read();
        assertEquals(new MachineConfig.HostPort("istio-pilot.istio-system", 15012), config.discovery());
        assertEquals("default", config.namespace());
        assertEquals("10.0.0.5,fd00::5", config.metadata().get("INSTANCE_IPS"));
        assertTrue(config.discoverySans().contains("spiffe://cluster.local/ns/istio-system/sa/istio-pilot-service-account"));
    }

    @Test
    void aGeneratedBundleMeansIstiod() throws Exception {
        clusterEnv("""
                CANONICAL_SERVICE='vmapp'
                ISTIO_METAJSON_LABELS='{"app":"vmapp","version":"v1"}'
                ISTIO_META_CLUSTER_ID='Kubernetes'
                ISTIO_META_NETWORK='vm-net'
                POD_NAMESPACE='shop'
                SERVICE_ACCOUNT='vmapp'
                ISTIO_SVC_IP='fd00::5'
                """);
        MachineConfig config = read();
        assertEquals("istiod.istio-system.svc", config.discovery().host());
        assertEquals("fd00::5", config.addresses().getFirst());
        assertEquals("vm-net", config.metadata().get("NETWORK"));
        assertEquals("vmapp", ((Map<?, ?>) config.metadata().get("LABELS")).get("service.istio.io/canonical-name"));
        String yaml = MachineBootstrap.yaml(config);
        assertTrue(yaml.contains("sidecar~fd00::5~vm-1.shop~shop.svc.cluster.local"), yaml);
    }

    @Test
    void everyErrorIsNamedAtOnce() throws Exception {
        clusterEnv("A=$x\nPILOT_ADDRESS=nowhere\n");
        String said = assertThrows(MachineConfig.InvalidMachineConfig.class, this::read).getMessage();
        assertTrue(said.contains("cluster.env:1: A:") && said.contains("cluster.env:2: PILOT_ADDRESS is 'nowhere' and must be host:port"), said);
    }

    @Test
    void aMissingFileSaysWhatToDo() {
        String said = assertThrows(MachineConfig.InvalidMachineConfig.class, this::read).getMessage();
        assertTrue(said.contains("cluster.env: is missing or empty; copy"), said);
    }
}
