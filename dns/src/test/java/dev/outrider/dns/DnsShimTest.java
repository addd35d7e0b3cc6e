package dev.outrider.dns;

import dev.outrider.dns.table.MeshName;
import dev.outrider.dns.table.StaticRecord;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The assembled shim from its first millisecond to its stop. */
class DnsShimTest {

    static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    private static final List<MeshName> ROWS = List.of(
            new MeshName("reviews.default.svc.cluster.local", List.of("10.96.0.13"), "Kubernetes", "reviews", "default", List.of()),
            new MeshName("cache.shop.svc.cluster.local", List.of("10.44.0.15", "10.44.0.16"), "Kubernetes", "cache", "shop", List.of()),
            new MeshName("*.dyn.example", List.of("240.240.0.3"), "External", "", "", List.of()));

    @Test
    void publicNamesResolveBeforeAnyTableAndMeshNamesAfter() throws Exception {
        try (FakeResolver upstream = FakeResolver.always("192.0.2.1");
                DnsShim shim = new DnsShim(DnsSettings.defaults().withListen(ANY_PORT).withServers(upstream.address()))) {
            TestClient client = new TestClient(shim.start().getFirst());
            assertEquals(List.of("www.example.com 300 A 192.0.2.1"), Packets.records(client.udp("www.example.com", 1)));
            assertEquals("SERVFAIL", Packets.rcode(client.udp("reviews.default.svc.cluster.local", 1)));

            assertTrue(shim.applyTable(ROWS).get(10, TimeUnit.SECONDS).changed());
            assertEquals(List.of("reviews 30 A 10.96.0.13"), Packets.records(client.udp("reviews", 1)));
            assertEquals(List.of("a.dyn.example 30 A 240.240.0.3"), Packets.records(client.tcp("a.dyn.example", 1)));
            byte[] missing = client.udp("nobody.default.svc.cluster.local", 1);
            assertEquals("NXDOMAIN", Packets.rcode(missing));
            assertTrue(Packets.flag(missing, 0x0400), "AA");
            assertTrue(Packets.flag(missing, 0x0080), "RA");
            assertFalse(shim.applyTable(ROWS).get(10, TimeUnit.SECONDS).changed());
        }
    }

    @Test
    void staticRecordsNeedNoControlPlane() throws Exception {
        try (DnsShim shim = new DnsShim(DnsSettings.defaults().withListen(ANY_PORT).withRecords(
                List.of(new StaticRecord("istiod.istio-system.svc", "A", "198.51.100.7"))))) {
            TestClient client = new TestClient(shim.start().getFirst());
            assertEquals(List.of("istiod.istio-system.svc 30 A 198.51.100.7"), Packets.records(client.udp("istiod.istio-system.svc", 1)));
        }
    }

    @Test
    void explainsWhereAnAnswerCameFrom() throws Exception {
        try (FakeResolver upstream = FakeResolver.always("192.0.2.1");
                DnsShim shim = new DnsShim(DnsSettings.defaults().withListen(ANY_PORT).withServers(upstream.address()))) {
            var bound = shim.start();
            assertEquals(1, bound.size());
            shim.applyTable(ROWS).get(10, TimeUnit.SECONDS);
            Explanation local = shim.explain("Reviews.default", "A").get(10, TimeUnit.SECONDS);
            assertEquals("table", local.source());
            assertEquals("entry reviews.default.svc.cluster.local of Kubernetes", local.why());
            Explanation first = shim.explain("example.com", "A").get(10, TimeUnit.SECONDS);
            assertEquals("upstream", first.source());
            Explanation second = shim.explain("example.com", "A").get(10, TimeUnit.SECONDS);
            assertEquals("cache", second.source());
            assertEquals(1, shim.dump().get(10, TimeUnit.SECONDS).cacheEntries());
        }
    }
}
