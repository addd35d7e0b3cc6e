package dev.outrider.xds;

import dev.outrider.xds.ads.ResourceType;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A process that starts while the control plane is away serves what the process before it was sent. */
class LastKnownGoodTest {

    private static final int CLUSTERS = 23;

    private final ClientRig rig;

    LastKnownGoodTest(@TempDir Path directory) throws IOException {
        rig = new ClientRig();
        rig.store = directory.resolve("state");
    }

    @AfterEach
    void stop() throws InterruptedException {
        rig.close();
    }

    /** A whole life of a process; afterwards the control plane is away. Returns its port. */
    private int liveBefore(String api) throws Exception {
        rig.cache.setSnapshot("all", ClientRig.scenario("bookinfo", "1"));
        XdsClient first = rig.connect(api);
        rig.await(LastKnownGoodTest::complete);
        first.initialState().get(30, TimeUnit.SECONDS);
        rig.closeClient();
        rig.seen.clear();
        return rig.stopServer();
    }

    private static boolean complete(ClientRig.Seen seen) {
        MeshSnapshot now = seen.snapshot();
        return now.clusters().size() == CLUSTERS && now.routes().size() == 6 && now.endpoints().size() == 14;
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void servesAndSaysSoUntilTheControlPlaneAnswers(String api) throws Exception {
        int port = liveBefore(api);
        XdsClient second = rig.connect(api, port);
        ClientRig.Seen restored = rig.await(LastKnownGoodTest::complete);
        second.initialState().get(30, TimeUnit.SECONDS);
        XdsStatus status = second.status();
        assertFalse(status.connected());
        assertTrue(status.ready());
        assertNotNull(status.lastKnownGood());
        assertEquals(List.of(), status.lastRejections());
        assertEquals("1", status.counters().get(ResourceType.CLUSTER).version());
        assertEquals(0, status.counters().get(ResourceType.CLUSTER).success());

        // It comes back with all but one as they were: nothing else may change.
        List<Cluster> fewer = ClientRig.captured("bookinfo", "cds.pb", Cluster.class).stream()
                .filter(cluster -> !cluster.getName().equals("PassthroughCluster")).toList();
        rig.cache.setSnapshot("all", Snapshot.create(
                fewer, ClientRig.captured("bookinfo", "eds.pb", ClusterLoadAssignment.class),
                ClientRig.captured("bookinfo", "lds.pb", Listener.class),
                ClientRig.captured("bookinfo", "rds.pb", RouteConfiguration.class), List.of(), "2"));
        rig.serveAgain(port, rig.library());
        ClientRig.Seen next = rig.await(seen -> {
            assertTrue(seen.change().listeners().removed().isEmpty());
            assertTrue(seen.change().endpoints().removed().isEmpty());
            return !seen.change().clusters().isEmpty();
        });
        assertEquals(new MeshChange.Names(Set.of(), Set.of("PassthroughCluster")), next.change().clusters());
        restored.snapshot().clusters().minus("PassthroughCluster")
                .forEach((name, cluster) -> assertEquals(cluster, next.snapshot().clusters().get(name)));
        assertTrue(second.status().connected());
        assertNull(second.status().lastKnownGood());
    }

    @Test
    void anotherMachinesConfigurationIsNotServed() throws Exception {
        int port = liveBefore("DELTA_GRPC");
        try (LogProbe log = new LogProbe(LastKnownGood.class)) {
            XdsClient other = rig.start("""
                    node: {id: "sidecar~10.0.0.1~other.default~default.svc.cluster.local", cluster: other.default}
                    dynamic_resources:
                      cds_config: {ads: {}, resource_api_version: V3}
                      ads_config:
                        api_type: DELTA_GRPC
                        grpc_services: [{envoy_grpc: {cluster_name: xds-grpc}}]
                    static_resources:
                      clusters:
                    """ + ClientRig.cluster("xds-grpc", port).indent(2));
            log.await("the stored configuration is ignored: it is of sidecar~vm.default~default.svc.cluster.local");
            assertFalse(other.status().ready());
            assertEquals(Set.of("xds-grpc"), other.snapshot().clusters().keySet());
        }
    }

    @Test
    void aChangedAddressIsTheSameMachine() throws Exception {
        int port = liveBefore("DELTA_GRPC");
        XdsClient moved = rig.start("""
                node: {id: "sidecar~10.9.9.9~vm.default~default.svc.cluster.local", cluster: vm.default}
                dynamic_resources:
                  lds_config: {ads: {}, resource_api_version: V3}
                  cds_config: {ads: {}, resource_api_version: V3}
                  ads_config:
                    api_type: DELTA_GRPC
                    grpc_services: [{envoy_grpc: {cluster_name: xds-grpc}}]
                static_resources:
                  clusters:
                """ + ClientRig.cluster("xds-grpc", port));
        rig.await(LastKnownGoodTest::complete);
        assertNotNull(moved.status().lastKnownGood());
    }
}
