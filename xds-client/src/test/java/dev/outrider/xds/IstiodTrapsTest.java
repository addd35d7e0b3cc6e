package dev.outrider.xds;

import dev.outrider.xds.ads.DeliverySink.Outcome;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.ClusterLoadAssignment.Group;
import dev.outrider.xds.resource.ResourceParser;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What surprises in a real istiod's configuration, one test each; the captures are its own. */
class IstiodTrapsTest {

    private final MeshRig rig = new MeshRig();

    @AfterEach
    void stop() {
        rig.close();
    }

    private static List<Listener> listeners(String capture) throws IOException {
        return ClientRig.captured(capture, "lds.pb", Listener.class);
    }

    private static Listener listener(String capture, String name) throws IOException {
        return listeners(capture).stream().filter(one -> one.getName().equals(name)).findFirst().orElseThrow();
    }

    private static List<Group> endpoints(String capture, String name) throws IOException {
        return ClientRig.captured(capture, "eds.pb", ClusterLoadAssignment.class).stream()
                .filter(one -> one.getClusterName().equals(name))
                .map(one -> new ResourceParser().endpoints(Packed.of(one)).value())
                .findFirst().orElseThrow().groups();
    }

    /** Listeners come in the order of a hash map. */
    @Test
    void theOrderOfListenersMeansNothing() throws IOException {
        rig.take("bookinfo");
        rig.takeChanges();
        List<Listener> reversed = listeners("bookinfo");
        Collections.reverse(reversed);
        rig.whole(ResourceType.LISTENER, reversed);
        assertEquals(List.of(), rig.takeChanges());
    }

    /** An EDS request without names is never answered. */
    @Test
    void anEmptyMeshAsksForNoEndpointsAndIsComplete() throws IOException {
        rig.take("empty");
        assertEquals(Set.of(), rig.wanted.getOrDefault(ResourceType.ENDPOINTS, Set.of()));
        assertTrue(rig.snapshot().clusters().containsKey("PassthroughCluster"));
        assertEquals(Set.of(), rig.on(() -> Set.copyOf(rig.mesh.clusters.pending)));
    }

    /** In the delta protocol too. */
    @Test
    void theNameTableHasNoName() throws IOException {
        rig.delta(ResourceType.NAME_TABLE, ClientRig.captured("bookinfo", "nds.pb", dev.outrider.xds.proto.istio.networking.nds.v1.NameTable.class));
        assertTrue(rig.snapshot().names().rows().containsKey("reviews.default.svc.cluster.local"));
    }

    @Test
    void aLocalityMayHaveNeitherEndpointsNorWeight() throws IOException {
        assertTrue(endpoints("multi-network", "outbound|8000||plain.default.svc.cluster.local").stream()
                .anyMatch(group -> group.endpoints().isEmpty() && group.weight() == 0));
    }

    @Test
    void oneLocalityMayHaveTwoPriorities() throws IOException {
        List<Group> groups = endpoints("resilience", "outbound|8000||loc-prio.default.svc.cluster.local");
        assertEquals(4, groups.size());
        assertEquals(Set.of(0, 1, 2), groups.stream().map(Group::priority).collect(Collectors.toSet()));
    }

    @Test
    void sharesOfLocalitiesNeedNotAddUp() throws IOException {
        assertEquals(List.of(27, 54, 20), endpoints("resilience", "outbound|8000||loc-dist.default.svc.cluster.local").stream()
                .map(group -> (int) group.weight()).toList());
    }

    /** All pods of a remote network are one entry at its gateway. */
    @Test
    void aRemoteNetworkIsOneWeightedEntry() throws IOException {
        var gateways = endpoints("multi-network", "outbound|9080||reviews.default.svc.cluster.local").stream()
                .flatMap(group -> group.endpoints().stream())
                .filter(one -> one.address() instanceof Address.Ip ip && ip.port() == 15443)
                .toList();
        assertEquals(List.of(1, 3), gateways.stream().map(one -> (int) one.weight()).sorted().toList());
    }

    /** {@code {end: 1}} is port 0, its start is absent in proto3. */
    @Test
    void aPortPredicateMayHaveNoStart() throws IOException {
        Listener.Builder inbound = listener("security", "virtualInbound").toBuilder().clearFilterChains();
        inbound.addFilterChains(FilterChain.newBuilder()
                .addAllFilters(listener("bookinfo", "virtualOutbound").getFilterChains(0).getFiltersList()));
        var sniffer = new ResourceParser().listener(Packed.of(inbound.build())).value().listenerFilters().getLast();
        assertTrue(sniffer.disabledWhen().test(0));
        assertFalse(sniffer.disabledWhen().test(1));
        assertTrue(sniffer.disabledWhen().test(3306));
    }

    @Test
    void chainsMayShareANameAndAnIngressChainHasItsPort() throws IOException {
        Listener inbound = listener("sidecar-scoped", "virtualInbound");
        Set<String> names = inbound.getFilterChainsList().stream().map(FilterChain::getName).collect(Collectors.toSet());
        assertTrue(names.size() < inbound.getFilterChainsCount());
        assertNotNull(new ResourceParser().listener(Packed.of(inbound)).value());
        var ingress = new ResourceParser().listener(Packed.of(listener("sidecar-scoped", "192.168.77.10_6060"))).value();
        ingress.filterChains().forEach(chain -> assertEquals(6060, chain.match().destinationPort()));
    }

    /** Without interception there is nothing inbound, and ready must not wait for it. */
    @Test
    void withoutInterceptionNothingIsInbound() throws IOException {
        rig.whole(ResourceType.LISTENER, listeners("bookinfo/variants/none"));
        assertFalse(rig.on(() -> rig.mesh.listeners.held.containsKey("virtualInbound")));
        rig.on(() -> rig.mesh.listeners.held.values().stream().toList())
                .forEach(one -> assertEquals("127.0.0.1", ((Address.Ip) one.newest().address()).ip().getHostAddress(), one.name));
    }

    @Test
    void anUnregisteredMachineGetsThePortsOfItsLabels() throws IOException {
        Listener inbound = listener("bookinfo/variants/unregistered", "virtualInbound");
        assertEquals(Set.of(7070, 8080, 9000), inbound.getFilterChainsList().stream()
                .map(chain -> chain.getFilterChainMatch().getDestinationPort().getValue())
                .filter(port -> port != 0 && port != 15006).collect(Collectors.toSet()));
        assertNotNull(new ResourceParser().listener(Packed.of(inbound)).value());
    }

    @Test
    void aDualStackListenerHasASecondAddress() throws IOException {
        Set<String> dual = new HashSet<>();
        for (Listener one : listeners("bookinfo/variants/dualstack")) {
            if (!new ResourceParser().listener(Packed.of(one)).value().additionalAddresses().isEmpty()) {
                dual.add(one.getName());
            }
        }
        assertEquals(Set.of("0.0.0.0_80", "0.0.0.0_7070", "0.0.0.0_8080", "0.0.0.0_9080", "0.0.0.0_9090"), dual);
    }

    @Test
    void aWildcardIsARowOfTheNameTable() throws IOException {
        rig.whole(ResourceType.NAME_TABLE, ClientRig.captured("tcp-tls", "nds.pb", dev.outrider.xds.proto.istio.networking.nds.v1.NameTable.class));
        assertTrue(rig.snapshot().names().rows().containsKey("*.dyn.example"));
    }

    /** Routes to a dynamic_forward_proxy cluster, which is refused, come on listeners that other services need. */
    @Test
    void aRouteToARefusedClusterIsTaken() throws IOException {
        rig.whole(ResourceType.CLUSTER, ClientRig.captured("tcp-tls", "cds.pb", Cluster.class));
        rig.whole(ResourceType.LISTENER, listeners("tcp-tls"));
        List<RouteConfiguration> routes = ClientRig.captured("tcp-tls", "rds.pb", RouteConfiguration.class);
        assertEquals(List.of(), rig.whole(ResourceType.ROUTES, routes).rejections());
    }

    /** One missing certificate must not keep the others from serving. */
    @Test
    void aSecretThatNeverComesHoldsBackItsClusterAlone() throws IOException {
        rig.whole(ResourceType.CLUSTER, ClientRig.captured("tcp-tls", "cds.pb", Cluster.class));
        String waiting = "outbound|80||mutual.tls.example";
        assertTrue(rig.on(() -> rig.mesh.clusters.pending.contains(waiting)), () -> rig.on(() -> rig.mesh.waiting()).toString());
        assertTrue(rig.snapshot().clusters().containsKey("PassthroughCluster"));
        assertTrue(rig.on(() -> rig.mesh.waiting()).get("CLUSTER/" + waiting).contains("secret 'file-cert:"));
    }

    /** With Envoy under Istio's agent one refused resource keeps a machine from ever being ready. */
    @Test
    void aRefusedResourceIsDecidedToo() throws IOException {
        Outcome outcome = rig.whole(ResourceType.LISTENER, listeners("security"));
        assertEquals(1, outcome.rejections().size());
        assertTrue(outcome.rejections().getFirst().startsWith("[LISTENER, virtualInbound] "));
        assertEquals(listeners("security").size() - 1, rig.on(() -> rig.mesh.listeners.held.values().stream()
                .filter(one -> one.newest() != null).count()).intValue());
    }

    /** Routes of port 80 name clusters that exist on port 9080 only. */
    @Test
    void routesMayLeadToClustersThatDoNotExist() throws IOException {
        rig.take("bookinfo");
        assertFalse(rig.snapshot().clusters().containsKey("outbound|80|v1|reviews.default.svc.cluster.local"));
        assertEquals(List.of(), rig.on(() -> rig.mesh.findings.rejections()));
        assertTrue(rig.snapshot().routes().containsKey("80"), "a route must not wait for a cluster that nobody has announced");
    }

    /** Inbound and special clusters, all listeners and all routes come again with every push. */
    @ParameterizedTest
    @ValueSource(strings = {"bookinfo", "telemetry"})
    void whatComesAgainUnchangedIsNoChange(String capture) throws IOException {
        rig.take(capture);
        rig.takeChanges();
        MeshSnapshot before = rig.snapshot();
        long reads = reads();
        rig.delta(ResourceType.CLUSTER, ClientRig.captured(capture, "cds.pb", Cluster.class));
        rig.delta(ResourceType.LISTENER, listeners(capture));
        rig.delta(ResourceType.ROUTES, ClientRig.captured(capture, "rds.pb", RouteConfiguration.class));
        assertEquals(List.of(), rig.takeChanges());
        assertSame(before, rig.snapshot());
        assertEquals(reads, reads());
    }

    private long reads() {
        return rig.on(() -> rig.mesh.clusters.reads + rig.mesh.listeners.reads + rig.mesh.routes.reads);
    }
}
