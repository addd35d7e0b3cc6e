package dev.outrider.xds;

import dev.outrider.xds.ads.ResourceType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.DiscoveryType;
import io.envoyproxy.envoy.config.cluster.v3.Cluster.EdsClusterConfig;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

/** A push costs in proportion to what it changes: 1,000 services with ten endpoints each, counted in resources that are read. */
class ProportionTest {

    private static final int SERVICES = 1_000;
    private static final int ENDPOINTS = 10;

    private final MeshRig rig = new MeshRig();

    @BeforeEach
    void load() {
        List<Cluster> clusters = new ArrayList<>();
        List<ClusterLoadAssignment> assignments = new ArrayList<>();
        for (int i = 0; i < SERVICES; i++) {
            clusters.add(cluster(i, ""));
            assignments.add(assignment(i, ENDPOINTS));
        }
        rig.whole(ResourceType.CLUSTER, clusters);
        rig.whole(ResourceType.ENDPOINTS, assignments);
        assertEquals(SERVICES, rig.snapshot().clusters().size());
        assertEquals(SERVICES, rig.snapshot().endpoints().size());
        rig.takeChanges();
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private static String name(int service) {
        return "outbound|80||svc-" + service + ".default.svc.cluster.local";
    }

    private static Cluster cluster(int service, String statName) {
        return Cluster.newBuilder().setName(name(service)).setType(DiscoveryType.EDS).setAltStatName(statName)
                .setEdsClusterConfig(EdsClusterConfig.newBuilder()
                        .setServiceName(name(service))
                        .setEdsConfig(ConfigSource.newBuilder().setAds(AggregatedConfigSource.getDefaultInstance())))
                .build();
    }

    private static ClusterLoadAssignment assignment(int service, int endpoints) {
        LocalityLbEndpoints.Builder group = LocalityLbEndpoints.newBuilder();
        for (int i = 0; i < endpoints; i++) {
            group.addLbEndpoints(LbEndpoint.newBuilder().setEndpoint(Endpoint.newBuilder().setAddress(Address.newBuilder().setSocketAddress(
                    SocketAddress.newBuilder().setAddress("10." + (service >> 8) + "." + (service & 255) + "." + i).setPortValue(80)))));
        }
        return ClusterLoadAssignment.newBuilder().setClusterName(name(service)).addEndpoints(group).build();
    }

    private long reads(Table<?> table) {
        return rig.on(() -> table.reads);
    }

    @Test
    void oneEndpointOfTenThousand() {
        MeshSnapshot before = rig.snapshot();
        long reads = reads(rig.mesh.endpoints);
        rig.delta(ResourceType.ENDPOINTS, List.of(assignment(7, ENDPOINTS - 1)));
        assertEquals(1, reads(rig.mesh.endpoints) - reads);
        MeshChange change = rig.takeChanges().getFirst();
        assertEquals(new MeshChange.Names(Set.of(name(7)), Set.of()), change.endpoints());
        assertEquals(MeshChange.Names.NONE, change.clusters());
        unchangedBut(before, 7);
        assertSame(before.clusters(), rig.snapshot().clusters());
    }

    /** Whether the server says what changed, or everything again: state of the world is compared byte for byte, and not read. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneClusterOfAThousand(boolean whole) {
        MeshSnapshot before = rig.snapshot();
        long reads = reads(rig.mesh.clusters);
        if (whole) {
            List<Cluster> all = new ArrayList<>();
            for (int i = 0; i < SERVICES; i++) {
                all.add(cluster(i, i == 7 ? "other" : ""));
            }
            rig.whole(ResourceType.CLUSTER, all);
        } else {
            rig.delta(ResourceType.CLUSTER, List.of(cluster(7, "other")));
        }
        assertEquals(1, reads(rig.mesh.clusters) - reads);
        assertEquals(new MeshChange.Names(Set.of(name(7)), Set.of()), rig.takeChanges().getFirst().clusters());
        assertSame(before.endpoints(), rig.snapshot().endpoints());
        for (int i = 0; i < SERVICES; i++) {
            if (i != 7) {
                assertSame(before.clusters().get(name(i)), rig.snapshot().clusters().get(name(i)));
            }
        }
    }

    private void unchangedBut(MeshSnapshot before, int service) {
        for (int i = 0; i < SERVICES; i++) {
            if (i != service) {
                assertSame(before.endpoints().get(name(i)), rig.snapshot().endpoints().get(name(i)));
            }
        }
    }
}
