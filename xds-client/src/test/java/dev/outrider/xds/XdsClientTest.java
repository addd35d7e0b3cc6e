package dev.outrider.xds;

import dev.outrider.xds.ads.ResourceType;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The client against java-control-plane's server, with what istiod really sent. */
class XdsClientTest {

    private final ClientRig rig;

    XdsClientTest() throws IOException {
        rig = new ClientRig();
    }

    @AfterEach
    void stop() throws InterruptedException {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void bookinfoBecomesTheSnapshot(String api) throws Exception {
        Snapshot sent = ClientRig.scenario("bookinfo", "1");
        rig.cache.setSnapshot("all", sent);
        XdsClient client = rig.connect(api);
        ClientRig.Seen whole = rig.await(s -> s.snapshot().routes().size() == sent.routes().resources().size()
                && s.snapshot().endpoints().size() == sent.endpoints().resources().size()
                && s.snapshot().clusters().size() == sent.clusters().resources().size() + 1);
        assertEquals(0, whole.snapshot().secrets().size());
        assertEquals(List.of(), client.status().lastRejections());
        ConfigArchive archive = client.archive();
        ConfigArchive.TypeState clusters = archive.types().get(ResourceType.CLUSTER);
        assertNotNull(clusters);
        assertEquals(sent.clusters().resources().size() + 1, clusters.entries().size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void oneChangedAssignmentChangesNothingElse(String api) throws Exception {
        rig.cache.setSnapshot("all", ClientRig.scenario("bookinfo", "1"));
        rig.connect(api);
        ClientRig.Seen before = rig.await(s -> s.snapshot().endpoints().size() == 16 || s.snapshot().routes().size() == 6);
        List<ClusterLoadAssignment> endpoints = ClientRig.captured("bookinfo", "eds.pb", ClusterLoadAssignment.class);
        String name = endpoints.getFirst().getClusterName();
        endpoints.set(0, endpoints.getFirst().toBuilder().clearEndpoints().build());
        rig.cache.setSnapshot("all", Snapshot.create(
                ClientRig.captured("bookinfo", "cds.pb", Cluster.class), "1", endpoints, "2", ClientRig.captured("bookinfo", "lds.pb", Listener.class), "1",
                ClientRig.captured("bookinfo", "rds.pb", RouteConfiguration.class), "1", List.of(), "1"));
        ClientRig.Seen after = rig.await(s -> s.change().endpoints().changed().equals(Set.of(name)));
        assertTrue(after.change().clusters().isEmpty());
        assertSame(before.snapshot().clusters().get("PassthroughCluster"), after.snapshot().clusters().get("PassthroughCluster"));
    }

    @Test
    void oneRefusedClusterLeavesItsSiblings() throws Exception {
        List<Cluster> clusters = ClientRig.captured("bookinfo", "cds.pb", Cluster.class);
        clusters.add(Cluster.newBuilder().setName("bad").setType(Cluster.DiscoveryType.LOGICAL_DNS).build());
        rig.cache.setSnapshot("all", Snapshot.create(clusters, List.of(), List.of(), List.of(), List.of(), "1"));
        XdsClient client = rig.connect("DELTA_GRPC");
        rig.await(s -> s.snapshot().clusters().containsKey("PassthroughCluster"));
        assertTrue(client.status().lastRejections().getFirst().startsWith("[CLUSTER, bad] "));
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void aLostControlPlaneLeavesTheConfigurationAndIsFoundAgain(String api) throws Exception {
        rig.cache.setSnapshot("all", ClientRig.scenario("bookinfo", "1"));
        XdsClient client = rig.connect(api);
        rig.await(s -> s.snapshot().clusters().containsKey("PassthroughCluster"));
        int port = rig.stopServer();
        assertTrue(client.snapshot().clusters().containsKey("PassthroughCluster"));
        List<Cluster> fewer = ClientRig.captured("bookinfo", "cds.pb", Cluster.class).stream()
                .filter(cluster -> !cluster.getName().equals("PassthroughCluster")).toList();
        rig.cache.setSnapshot("all", Snapshot.create(fewer, List.of(), List.of(), List.of(), List.of(), "2"));
        rig.serveAgain(port, rig.library());
        rig.await(s -> !s.snapshot().clusters().containsKey("PassthroughCluster"));
    }
}
