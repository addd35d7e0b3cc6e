package dev.outrider.dns;

import dev.outrider.dns.table.MeshName;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * The lookup behaviour that Istio's agent has published (pkg/dns/client), restated as a table and asked over UDP and TCP. Lines that
 * differ on purpose say so; the module's README lists them.
 */
class IstioLookupTest {

    private static final int A = 1;
    private static final int AAAA = 28;
    private static final String SOA = "SOA";
    private static final int TC = 0x0200;
    private static final String[] GIANT = IntStream.range(0, 64).mapToObj(i -> "240.0.0." + i).toArray(String[]::new);

    private static FakeResolver upstream;
    private static DnsShim shim;
    private static TestClient client;

    @BeforeAll
    static void start() throws Exception {
        upstream = new FakeResolver((query, tcp, n) -> List.of(switch (Packets.questionName(query)) {
            case "www.bing.com" -> Packets.answer(query, 60, "192.0.2.99");
            case "giant" -> Packets.answer(query, 60, GIANT);
            case "giant-tc" -> tcp ? Packets.answer(query, 60, GIANT) : Packets.status(query, TC);
            default -> Packets.status(query, 3);
        }));
        DnsSettings defaults = DnsSettings.defaults();
        DnsSettings.Upstream up = defaults.upstream();
        shim = new DnsShim(defaults
                .withListen(DnsShimTest.ANY_PORT)
                .withMesh(new DnsSettings.Mesh("cluster.local", "ns1", List.of(), List.of()))
                .withUpstream(new DnsSettings.Upstream(
                        List.of(upstream.address()), List.of("ns1.svc.cluster.local", "svc.cluster.local", "cluster.local"),
                        Path.of("/etc/resolv.conf"), up.behindStub(), List.of(), 0)));
        client = new TestClient(shim.start().getFirst());
        shim.applyTable(table()).get(10, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stop() {
        shim.close();
        upstream.close();
    }

    private static MeshName service(String name, String namespace, String domain, List<String> alt, String... ips) {
        return new MeshName(name + "." + namespace + ".svc." + domain, List.of(ips), "Kubernetes", name, namespace, alt);
    }

    private static MeshName entry(String host, String... ips) {
        return new MeshName(host, List.of(ips), "External", "", "", List.of());
    }

    private static List<MeshName> table() {
        return List.of(
                entry("www.google.com", "1.1.1.1"),
                service("productpage", "ns1", "cluster.local", List.of(), "9.9.9.9"),
                service("example", "ns2", "cluster.local", List.of(), "10.10.10.10"),
                service("details", "ns2", "cluster.remote", List.of(), "11.11.11.11", "12.12.12.12", "13.13.13.13", "14.14.14.14"),
                service("svc-with-alt", "ns1", "cluster.local", List.of("svc-with-alt.ns1.svc.clusterset.local"), "15.15.15.15"),
                service("empty", "ns1", "cluster.local", List.of()),
                entry("ipv6.localhost", "2001:db8::ff00:42:8329"),
                entry("dual.localhost", "2.2.2.2", "2001:db8::ff00:42:8329"),
                entry("ipv4.localhost", "2.2.2.2"),
                entry("pair.example", "192.0.2.5", "192.0.2.6", "2001:db8::5", "2001:db8::6"),
                entry("*.b.wildcard", "11.11.11.11"),
                entry("*.wildcard", "10.10.10.10"),
                entry("*.svc.mesh.company.net", "10.1.2.3"),
                entry("example.localhost.", "3.3.3.3"));
    }

    static Stream<Arguments> rows() {
        String google = "www.google.com 30 A 1.1.1.1";
        String search = ".ns1.svc.cluster.local";
        return Stream.of(
                arguments("www.google.com", A, "NOERROR", List.of(google)),
                arguments("www.google.com" + search, A, "NOERROR", List.of("www.google.com" + search + " 30 CNAME www.google.com", google)),
                // Istio expands the first search domain only; here all of them.
                arguments("www.google.com.svc.cluster.local", A, "NOERROR",
                        List.of("www.google.com.svc.cluster.local 30 CNAME www.google.com", google)),
                arguments("www.bing.com", A, "NOERROR", List.of("www.bing.com 60 A 192.0.2.99")),
                arguments("productpage.ns1.svc.cluster.local", A, "NOERROR", List.of("productpage.ns1.svc.cluster.local 30 A 9.9.9.9")),
                // Istio asks upstream for this one; it lies in a zone of ours.
                arguments("productpage.ns1.svc.cluster.local" + search, A, "NXDOMAIN", List.of(SOA)),
                arguments("productpage.ns1", A, "NOERROR", List.of("productpage.ns1 30 A 9.9.9.9")),
                arguments("productpage.ns1.svc", A, "NOERROR", List.of("productpage.ns1.svc 30 A 9.9.9.9")),
                arguments("productpage", A, "NOERROR", List.of("productpage 30 A 9.9.9.9")),
                arguments("productpage.ns1" + search, A, "NOERROR",
                        List.of("productpage.ns1" + search + " 30 CNAME productpage.ns1", "productpage.ns1 30 A 9.9.9.9")),
                // As in Istio no CNAME; unlike it an SOA, so that the client may remember the answer.
                arguments("productpage.ns1" + search, AAAA, "NOERROR", List.of(SOA)),
                arguments("example.ns2", A, "NOERROR", List.of("example.ns2 30 A 10.10.10.10")),
                arguments("example.ns2.svc.cluster.local", A, "NOERROR", List.of("example.ns2.svc.cluster.local 30 A 10.10.10.10")),
                arguments("example.ns2.svc", A, "NOERROR", List.of("example.ns2.svc 30 A 10.10.10.10")),
                arguments("example", A, "NXDOMAIN", List.of()),
                arguments("svc-with-alt", A, "NOERROR", List.of("svc-with-alt 30 A 15.15.15.15")),
                arguments("svc-with-alt.ns1", A, "NOERROR", List.of("svc-with-alt.ns1 30 A 15.15.15.15")),
                arguments("svc-with-alt.ns1.svc", A, "NOERROR", List.of("svc-with-alt.ns1.svc 30 A 15.15.15.15")),
                arguments("svc-with-alt.ns1.svc.cluster.local", A, "NOERROR", List.of("svc-with-alt.ns1.svc.cluster.local 30 A 15.15.15.15")),
                arguments("svc-with-alt.ns1.svc.clusterset.local", A, "NOERROR",
                        List.of("svc-with-alt.ns1.svc.clusterset.local 30 A 15.15.15.15")),
                arguments("details.ns2", A, "NXDOMAIN", List.of()),
                arguments("dual.localhost", A, "NOERROR", List.of("dual.localhost 30 A 2.2.2.2")),
                arguments("dual.localhost", AAAA, "NOERROR", List.of("dual.localhost 30 AAAA 2001:db8:0:0:0:ff00:42:8329")),
                arguments("ipv6.localhost", A, "NOERROR", List.of(SOA)),
                arguments("ipv4.localhost", AAAA, "NOERROR", List.of(SOA)),
                arguments("example.localhost", A, "NOERROR", List.of("example.localhost 30 A 3.3.3.3")),
                arguments("foo.wildcard", A, "NOERROR", List.of("foo.wildcard 30 A 10.10.10.10")),
                arguments("a.b.wildcard", A, "NOERROR", List.of("a.b.wildcard 30 A 11.11.11.11")),
                arguments("x.a.b.wildcard", A, "NOERROR", List.of("x.a.b.wildcard 30 A 11.11.11.11")),
                // Istio's target is the literal *.wildcard; a name that can be asked again serves more clients.
                arguments("foo.wildcard" + search, A, "NOERROR",
                        List.of("foo.wildcard" + search + " 30 CNAME foo.wildcard", "foo.wildcard 30 A 10.10.10.10")),
                arguments("foo.svc.mesh.company.net", A, "NOERROR", List.of("foo.svc.mesh.company.net 30 A 10.1.2.3")),
                arguments("foo.foons.svc.mesh.company.net", A, "NOERROR", List.of("foo.foons.svc.mesh.company.net 30 A 10.1.2.3")),
                // A label is never matched in part, and a wildcard is not its own parent.
                arguments("xsvc.mesh.company.net", A, "NXDOMAIN", List.of()),
                arguments("svc.mesh.company.net", A, "NXDOMAIN", List.of()),
                // Known without endpoints: Istio leaks it upstream.
                arguments("empty.ns1.svc.cluster.local", A, "NOERROR", List.of(SOA)),
                arguments("nobody.ns1.svc.cluster.local", A, "NXDOMAIN", List.of(SOA)),
                arguments("ns1.svc.cluster.local", A, "NOERROR", List.of(SOA)),
                // Any other type of a known name stays here; Istio leaks it upstream.
                arguments("productpage.ns1", 65, "NOERROR", List.of(SOA)),
                // The case of the question comes back.
                arguments("ProductPage.NS1", A, "NOERROR", List.of("ProductPage.NS1 30 A 9.9.9.9")));
    }

    @ParameterizedTest
    @MethodSource("rows")
    void answers(String name, int type, String rcode, List<String> records) throws Exception {
        check(client.udp(name, type), rcode, records);
        check(client.tcp(name, type), rcode, records);
    }

    private static void check(byte[] reply, String rcode, List<String> records) {
        assertEquals(rcode, Packets.rcode(reply));
        if (records.equals(List.of(SOA))) {
            assertEquals(1, Packets.records(reply).size());
            assertTrue(Packets.records(reply).getFirst().contains(" 5 SOA "), Packets.records(reply).toString());
        } else {
            assertEquals(records, Packets.records(reply));
        }
    }

    /** The 64 addresses of an upstream name: Istio serves 29 of them, or SERVFAIL, or packets larger than asked for. */
    @ParameterizedTest
    @ValueSource(strings = {"giant", "giant-tc"})
    void largeUpstreamAnswersAreCutForUdpClientsAndWholeOverTcp(String name) throws Exception {
        byte[] plain = client.udp(name, A);
        assertTrue(Packets.flag(plain, TC));
        assertEquals(0, Packets.u16(plain, 6));
        for (byte[] whole : List.of(client.udp(Packets.ednsQuery(1, name, A, 65_535, 0)), client.tcp(name, A))) {
            assertEquals("NOERROR", Packets.rcode(whole));
            assertEquals(64, Packets.records(whole).size());
        }
    }

    @Test
    void addressesTakeTurnsAlsoWhenBothFamiliesAreAsked() throws Exception {
        Set<String> first = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            first.add(Packets.records(client.udp("pair.example", A)).getFirst());
            first.add(Packets.records(client.udp("pair.example", AAAA)).getFirst());
        }
        assertEquals(4, first.size(), first.toString());
    }

    @Test
    void addressesTakeTurns() throws Exception {
        Set<String> first = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            List<String> records = Packets.records(client.udp("details.ns2.svc.cluster.remote", A));
            assertEquals(4, records.size());
            first.add(records.getFirst());
        }
        assertEquals(4, first.size());
    }
}
