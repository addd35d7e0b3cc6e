package dev.outrider.proxy.datapath.endpoint;

import dev.outrider.proxy.connection.XxHash64;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.LbPolicy;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.ClusterLoadAssignment.Health;
import dev.outrider.xds.model.ClusterLoadAssignment.Locality;
import dev.outrider.xds.model.Metadata;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

class BalancerTest {
    private static final int PICKS = 40_000;

    private static Host host(int number, Health health, long weight) {
        var endpoint = new Endpoint(
                new Address.Ip(Cidr.ipLiteral("10.0." + number / 250 + "." + number % 250), 80), List.of(), "", health, weight, Metadata.EMPTY);
        var http = new Cluster.HttpProtocolOptions(
                Cluster.HttpProtocolOptions.Protocol.HTTP1, 0, 0, 0, 0, 0, 0, 0, false, false, false, false, 0, 0);
        var limits = new Origin.Limits() {
            @Override
            public boolean tryConnection() {
                return true;
            }

            @Override
            public void releaseConnection() {}

            @Override
            public boolean tryPending() {
                return true;
            }

            @Override
            public void releasePending() {}

            @Override
            public void connected(boolean http2) {}

            @Override
            public void connectFailed(boolean timeout) {}

            @Override
            public void closed(boolean byPeer, boolean withActiveRequests) {}

            @Override
            public void bytes(long read, long written) {}
        };
        return new Host(endpoint, new Origin(List.of(), List.of(), Duration.ofSeconds(1).toNanos(), null, 0, http, null, null, limits));
    }

    private static Balancer balancer(LbPolicy policy, double panic, boolean byLocality) {
        return new Balancer(policy, new Cluster.LbConfig(panic, byLocality, 2, 1, 1024, 8_388_608, 65_537, 0, 1, 10), new Stats().counter("panic"));
    }

    private static HostGroup group(int priority, long weight, List<Host> hosts) {
        return new HostGroup(new Locality("r", "z" + weight, ""), priority, weight, hosts);
    }

    private static Map<Host, Integer> shares(Balancer balancer) {
        Map<Host, Integer> count = new HashMap<>();
        for (int i = 0; i < PICKS; i++) {
            Host host = balancer.pick(PickContext.PLAIN);
            assertNotNull(host);
            count.merge(host, 1, Integer::sum);
        }
        return count;
    }

    @ParameterizedTest
    @EnumSource(value = LbPolicy.class, names = {"ROUND_ROBIN", "LEAST_REQUEST"})
    void weightsDecideTheShare(LbPolicy policy) {
        Host light = host(1, Health.HEALTHY, 1);
        Host heavy = host(2, Health.HEALTHY, 3);
        Balancer balancer = balancer(policy, 50, false);
        balancer.update(List.of(group(0, 1, List.of(light, heavy))), 140);
        assertEquals(0.75, shares(balancer).get(heavy) / (double) PICKS, 0.01);
    }

    @Test
    void theLessBusyOfTwoIsPreferred() {
        Host busy = host(1, Health.HEALTHY, 1);
        Host idle = host(2, Health.HEALTHY, 1);
        busy.begin();
        Balancer balancer = balancer(LbPolicy.LEAST_REQUEST, 50, false);
        balancer.update(List.of(group(0, 1, List.of(busy, idle))), 140);
        assertEquals(0.75, shares(balancer).get(idle) / (double) PICKS, 0.02, "the busy one is taken only when drawn twice");
    }

    /** Rows: healthy hosts of 10 at priority 0 and 1, expected share of priority 0 in percent (Envoy's documentation, priority levels). */
    @ParameterizedTest
    @CsvSource({"10,10,100", "8,10,100", "7,10,98", "5,10,70", "1,10,14", "0,10,0", "5,0,100", "3,3,50", "2,7,28"})
    void loadSpillsToTheNextPriorityByHealth(int good0, int good1, int expected) {
        List<Host> first = new ArrayList<>();
        List<Host> second = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            first.add(host(i, i < good0 ? Health.HEALTHY : Health.UNHEALTHY, 1));
            second.add(host(100 + i, i < good1 ? Health.HEALTHY : Health.UNHEALTHY, 1));
        }
        Balancer balancer = balancer(LbPolicy.RANDOM, 0, false);
        balancer.update(List.of(group(0, 1, first), group(1, 1, second)), 140);
        int at0 = shares(balancer).entrySet().stream().filter(e -> first.contains(e.getKey())).mapToInt(Map.Entry::getValue).sum();
        assertEquals(expected, 100.0 * at0 / PICKS, 1.5);
    }

    @Test
    void withoutHealthThereIsNoHostUnlessPanicAllowsIt() {
        List<Host> hosts = List.of(host(1, Health.UNHEALTHY, 1), host(2, Health.DRAINING, 1));
        Balancer strict = balancer(LbPolicy.ROUND_ROBIN, 0, false);
        strict.update(List.of(group(0, 1, hosts)), 140);
        assertNull(strict.pick(PickContext.PLAIN));
        Balancer lenient = balancer(LbPolicy.ROUND_ROBIN, 50, false);
        lenient.update(List.of(group(0, 1, hosts)), 140);
        assertEquals(2, shares(lenient).size());
        strict.update(List.of(), 140);
        assertNull(strict.pick(PickContext.PLAIN));
    }

    @Test
    void localityWeightsDecideWhereAskedFor() {
        Host near = host(1, Health.HEALTHY, 1);
        List<Host> far = List.of(host(2, Health.HEALTHY, 1), host(3, Health.HEALTHY, 1));
        Balancer balancer = balancer(LbPolicy.ROUND_ROBIN, 50, true);
        balancer.update(List.of(group(0, 80, List.of(near)), group(0, 20, far), group(0, 7, List.of())), 140);
        assertEquals(0.8, shares(balancer).get(near) / (double) PICKS, 0.01);
    }

    @Test
    void avoidedHostsAreTriedAgainOnlyWhenReselectionsRunOut() {
        Host one = host(1, Health.HEALTHY, 1);
        Host two = host(2, Health.HEALTHY, 1);
        Balancer balancer = balancer(LbPolicy.ROUND_ROBIN, 50, false);
        balancer.update(List.of(group(0, 1, List.of(one, two))), 140);
        for (int i = 0; i < 5; i++) {
            assertSame(two, balancer.pick(new PickContext(null, null, List.of(one), 3, Map.of())));
        }
    }

    @ParameterizedTest
    @EnumSource(value = LbPolicy.class, names = {"RING_HASH", "MAGLEV"})
    void equalHashesMeetTheSameHostAndMostStayWhenOneLeaves(LbPolicy policy) {
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            hosts.add(host(i, Health.HEALTHY, 1));
        }
        Balancer balancer = balancer(policy, 50, false);
        balancer.update(List.of(group(0, 1, hosts)), 140);
        Map<Long, Host> before = new HashMap<>();
        for (int i = 0; i < 2000; i++) {
            long hash = XxHash64.hash(("key" + i).getBytes(StandardCharsets.UTF_8));
            before.put(hash, balancer.pick(new PickContext(hash, null, List.of(), 0, Map.of())));
        }
        assertEquals(10, Map.copyOf(before).values().stream().distinct().count());
        balancer.update(List.of(group(0, 1, hosts.subList(0, 9))), 140);
        int moved = 0;
        for (var entry : before.entrySet()) {
            if (balancer.pick(new PickContext(entry.getKey(), null, List.of(), 0, Map.of())) != entry.getValue()) {
                moved++;
            }
        }
        assertTrue(moved < 500, moved + " of 2000 moved");
    }

    /** Reference values of the xxHash specification's implementation. */
    @ParameterizedTest
    @CsvSource({"'',ef46db3751d8e999", "a,d24ec4f1a98c6e5b", "abc,44bc2cf5ad770999",
        "'Nobody inspects the spammish repetition',fbcea83c8a378bf1"})
    void hashesAsTheReference(String text, String expected) {
        assertEquals(expected, Long.toHexString(XxHash64.hash(text.getBytes(StandardCharsets.UTF_8))));
    }
}
