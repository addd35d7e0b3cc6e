package dev.outrider.proxy.machine.setting;

import dev.outrider.proxy.machine.setting.EffectiveSettings.Effective;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class EffectiveSettingsTest {

    @TempDir
    private Path root;

    private Places places = new Places(Path.of("/"));

    @BeforeEach
    void placesBelowRoot() {
        places = new Places(root);
    }

    private static void write(Path file, String text) throws Exception {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private Effective holds(String path) {
        return EffectiveSettings.read(places).effective().stream().filter(value -> value.setting().path().equals(path)).findFirst().orElseThrow();
    }

    @Test
    void theNearerFileWinsAndSaysWhereItStands() throws Exception {
        assertEquals("default", holds("workload.namespace").origin());
        write(places.meshConfig(), "defaultConfig:\n  proxyMetadata:\n    POD_NAMESPACE: mesh\n  discoveryAddress: istiod.mesh.svc:15012\n");
        assertEquals(List.of("mesh", places.meshConfig() + ":3"), List.of(holds("workload.namespace").text(), holds("workload.namespace").origin()));
        assertEquals("istiod.mesh.svc:15012", holds("controlPlane.address").text());
        write(places.clusterEnv(), "# made for vm-1\nPOD_NAMESPACE='cluster'\n");
        assertEquals(places.clusterEnv() + ":2", holds("workload.namespace").origin());
        write(places.sidecarEnv(), "POD_NAMESPACE=sidecar\n");
        assertEquals("sidecar", holds("workload.namespace").text());
        write(places.own(), "workload:\n  namespace: own\n");
        assertEquals(List.of("own", places.own() + ":2"), List.of(holds("workload.namespace").text(), holds("workload.namespace").origin()));
    }

    @Test
    void aProxyConfigInAVariableIsStrongerThanTheMeshsAndWeakerThanVariables() throws Exception {
        write(places.meshConfig(), "defaultConfig:\n  discoveryAddress: istiod.mesh.svc:15012\n  concurrency: 1\n");
        write(places.clusterEnv(), "PROXY_CONFIG='{\"discoveryAddress\": \"istiod.variable.svc:15012\", \"proxyMetadata\": {\"POD_NAMESPACE\": \"shop\"}}'\n");
        assertEquals(List.of("istiod.variable.svc:15012", places.clusterEnv() + ":1"), List.of(holds("controlPlane.address").text(), holds("controlPlane.address").origin()));
        assertEquals("shop", holds("workload.namespace").text());
        assertEquals(places.meshConfig() + ":3", holds("proxy.concurrency").origin());
        write(places.sidecarEnv(), "PILOT_ADDRESS=istiod.sidecar.svc:15012\n");
        assertEquals("istiod.sidecar.svc:15012", holds("controlPlane.address").text());
        write(places.own(), "environment:\n  PROXY_CONFIG: '{concurrency: 2}'\n");
        assertEquals(List.of("2", places.own() + ":2"), List.of(holds("proxy.concurrency").text(), holds("proxy.concurrency").origin()));
    }

    @Test
    void aBrokenProxyConfigNamesItsFileAndLine() throws Exception {
        write(places.clusterEnv(), "POD_NAMESPACE=shop\nPROXY_CONFIG='{discoveryAddress: ['\n");
        List<String> errors = EffectiveSettings.read(places).errors();
        assertEquals(1, errors.size(), errors.toString());
        assertTrue(errors.getFirst().startsWith(places.clusterEnv() + ":2: PROXY_CONFIG"), errors.getFirst());
    }

    @Test
    void theOwnFileOverridesEveryNameOfASetting() throws Exception {
        write(places.clusterEnv(), "ISTIO_DUAL_STACK=true\nDUAL_STACK=true\n");
        write(places.own(), "interception:\n  dualStack: false\n");
        assertEquals(Map.of("ISTIO_DUAL_STACK", "false"), EffectiveSettings.read(places).environment());
    }

    @Test
    void listsAndMapsBecomeWhatAnEnvironmentFileWouldSay() throws Exception {
        write(places.own(), """
                workload:
                  labels: {app: vmapp, note: 'a "b"'}
                interception:
                  inboundPorts: [3306, 8080]
                dns:
                  records:
                    - db.corp A 10.0.0.9
                    - www.corp CNAME db.corp
                environment:
                  ISTIO_META_REGION: north
                """);
        EffectiveSettings settings = EffectiveSettings.read(places);
        assertEquals(List.of(), settings.errors());
        assertEquals("{\"app\":\"vmapp\",\"note\":\"a \\\"b\\\"\"}", settings.environment().get("ISTIO_METAJSON_LABELS"));
        assertEquals("3306,8080", settings.environment().get("ISTIO_INBOUND_PORTS"));
        assertEquals("db.corp A 10.0.0.9;www.corp CNAME db.corp", settings.environment().get("OUTRIDER_DNS_RECORDS"));
        assertEquals("north", settings.others().get("ISTIO_META_REGION").text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "workload: {namespce: x}|:1: 'workload.namespce' is no setting; did you mean workload.namespace?",
        "interception: {mode: NAT}|:1: interception.mode is 'NAT' and must be one of REDIRECT and TPROXY",
        "interception: {inboundPorts: [80, 70000]}|:1: interception.inboundPorts is '80,70000' and must be ports (1 to 65535), or '*'",
        "controlPlane: {address: istiod}|:1: controlPlane.address is 'istiod' and must be host:port, such as istiod.istio-system.svc:15012",
        "workload: {labels: vm}|:1: workload.labels is 'vm' and must be a map of names to values",
        "nonsense: 1|:1: 'nonsense' is no setting; 'outrider config sample' lists them all",
        "- a|:1: expected names with values, such as 'controlPlane:'",
        "a: [|:1: is not YAML: ",
    })
    void aWrongValueNamesItselfFileLineAndForm(String text, String said) throws Exception {
        write(places.own(), text);
        List<String> errors = EffectiveSettings.read(places).errors();
        assertEquals(1, errors.size(), errors.toString());
        assertTrue(errors.getFirst().startsWith(places.own() + said), errors.toString());
    }

    @Test
    void aWrongVariableIsNamedAsItStandsInItsFile() throws Exception {
        write(places.clusterEnv(), "\nISTIO_SERVICE_CIDR=10.0.0.0/99\n");
        assertEquals(List.of(places.clusterEnv() + ":2: ISTIO_SERVICE_CIDR is '10.0.0.0/99' and must be address ranges such as 10.96.0.0/12, or '*'"),
                EffectiveSettings.read(places).errors());
    }

    @Test
    void theSampleExplainsEverySettingAndChangesNothing() throws Exception {
        assertEquals(Files.readString(Path.of("../packaging/etc/outrider.yaml")), SampleFile.text(), "write it anew with: outrider config sample");
        write(places.own(), SampleFile.text());
        assertEquals(Map.of(), EffectiveSettings.read(places).environment());
        // Uncommented it holds the defaults.
        write(places.own(), SampleFile.text().replaceAll("(?m)^# [^ ].*$", "").replaceAll("(?m)^#  #.*$", "").replaceAll("(?m)^#", ""));
        EffectiveSettings all = EffectiveSettings.read(places);
        assertEquals(List.of(), all.errors());
        for (Effective value : all.effective()) {
            assertEquals(value.setting().fallback(), value.text(), value.setting().path());
        }
        assertFalse(all.environment().isEmpty());
    }
}
