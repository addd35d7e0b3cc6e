package dev.outrider.dns;

import dev.outrider.dns.table.MeshName;
import dev.outrider.dns.table.MeshPort;
import dev.outrider.dns.table.StaticRecord;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** What the protocol demands of a server: the probes of RFC 8906, EDNS, truncation, refusals, and what only this server answers. */
class ProtocolTest {

    private static final String HOST = "reviews.default.svc.cluster.local";

    private static FakeResolver upstream;
    private static DnsShim shim;
    private static TestClient client;

    @BeforeAll
    static void start() throws Exception {
        // Two public names whose CNAMEs lead here; what the resolver says of their targets must not count.
        upstream = new FakeResolver((query, tcp, n) -> List.of(switch (Packets.questionName(query)) {
            case "to-nobody.example" -> Packets.alias(query, "nobody.default.svc.cluster.local", "203.0.113.66");
            case "to-localhost.example" -> Packets.alias(query, "localhost", "203.0.113.66");
            default -> Packets.answer(query, 300, "192.0.2.1");
        }));
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            many.add("10.44.1." + i);
        }
        List<StaticRecord> records = new ArrayList<>(List.of(
                new StaticRecord("alias.corp.internal", "CNAME", "second.corp.internal"),
                new StaticRecord("second.corp.internal", "CNAME", HOST),
                new StaticRecord("public.corp.internal", "CNAME", "www.example.com"),
                new StaticRecord("home.corp.internal", "CNAME", "localhost"),
                new StaticRecord("nowhere.corp.internal", "CNAME", "gone.corp.internal"),
                new StaticRecord("loop1.corp.internal", "CNAME", "loop2.corp.internal"),
                new StaticRecord("loop2.corp.internal", "CNAME", "loop1.corp.internal"),
                new StaticRecord("note.corp.internal", "TXT", "hello"),
                new StaticRecord("*.apps.corp.internal", "A", "198.51.100.4")));
        for (int i = 0; i < 9; i++) {
            records.add(new StaticRecord("chain" + i + ".corp.internal", "CNAME", i < 8 ? "chain" + (i + 1) + ".corp.internal" : HOST));
        }
        shim = new DnsShim(DnsSettings.defaults()
                .withListen(DnsShimTest.ANY_PORT)
                .withServers(upstream.address())
                .withMesh(new DnsSettings.Mesh("cluster.local", "default", List.of("corp.internal"), List.of("10.96.0.0/12", "fd00:10:96::/112")))
                .withRecords(records));
        client = new TestClient(shim.start().getFirst());
        shim.applyTable(List.of(
                new MeshName(HOST, List.of("10.96.0.13", "fd00:10:96::d"), "Kubernetes", "reviews", "default", List.of()),
                new MeshName("db.default.svc.cluster.local", List.of("10.96.0.15", "10.96.0.16"), "Kubernetes", "db", "default", List.of()),
                new MeshName("db-0.db.default.svc.cluster.local", List.of("10.96.0.15"), "Kubernetes", "db-0.db", "default", List.of()),
                new MeshName("many.default.svc.cluster.local", many, "Kubernetes", "many", "default", List.of()),
                new MeshName("db.example", List.of("240.240.0.6"), "External", "", "", List.of())))
                .get(10, TimeUnit.SECONDS);
        shim.applyPorts(List.of(new MeshPort(HOST, 9080, "tcp", "http"), new MeshPort(HOST, 9090, "tcp", "http2"),
                new MeshPort(HOST, 9090, "tcp", "grpc"), new MeshPort("db.example", 5432, "tcp", "")))
                .get(10, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stop() {
        shim.close();
        upstream.close();
    }

    private static Packets question(int flags, int additionals, int type, int queryClass) {
        return new Packets().header(99, flags, 1, 0, 0, additionals).name(HOST).u16(type).u16(queryClass);
    }

    /** Packets and the code that they get. */
    static Stream<Arguments> refusals() {
        return Stream.of(
                arguments("IQUERY", question(0x0900, 0, 1, 1), "NOTIMP"),
                arguments("STATUS", question(0x1000, 0, 1, 1), "NOTIMP"),
                arguments("NOTIFY", question(0x2100, 0, 6, 1), "NOTIMP"),
                arguments("UPDATE", question(0x2800, 0, 6, 1), "NOTIMP"),
                arguments("unknown opcode", question(0x7800, 0, 1, 1), "NOTIMP"),
                arguments("no question", new Packets().header(99, 0x0100, 0, 0, 0, 0), "FORMERR"),
                arguments("two questions", new Packets().header(99, 0x0100, 2, 0, 0, 0).name("a").u16(1).u16(1).name("b").u16(1).u16(1), "FORMERR"),
                arguments("an answer in a query", new Packets().header(99, 0x0100, 1, 1, 0, 0).name("a").u16(1).u16(1), "FORMERR"),
                arguments("an authority in a query", new Packets().header(99, 0x0100, 1, 0, 1, 0).name("a").u16(1).u16(1), "FORMERR"),
                arguments("trailing byte", question(0x0100, 0, 1, 1).raw(0), "FORMERR"),
                arguments("cut after the name", new Packets().header(99, 0x0100, 1, 0, 0, 0).name(HOST), "FORMERR"),
                arguments("label beyond the end", new Packets().header(99, 0x0100, 1, 0, 0, 0).raw(60, 'a'), "FORMERR"),
                arguments("pointer to itself", new Packets().header(99, 0x0100, 1, 0, 0, 0).raw(0xC0, 0x0C).u16(1).u16(1), "FORMERR"),
                arguments("pointer into the header", new Packets().header(99, 0x0100, 1, 0, 0, 0).raw(0xC0, 0x00).u16(1).u16(1), "FORMERR"),
                arguments("reserved label type", new Packets().header(99, 0x0100, 1, 0, 0, 0).raw(0x41, 'a', 0).u16(1).u16(1), "FORMERR"),
                arguments("name of 256 bytes", new Packets().header(99, 0x0100, 1, 0, 0, 0).name(("a".repeat(63) + ".").repeat(4) + "b").u16(1).u16(1), "FORMERR"),
                arguments("class CHAOS", new Packets().header(99, 0x0100, 1, 0, 0, 0).name("version.bind").u16(16).u16(3), "REFUSED"),
                arguments("class ANY", question(0x0100, 0, 1, 255), "REFUSED"),
                arguments("AXFR", question(0x0100, 0, 252, 1), "REFUSED"),
                arguments("IXFR", question(0x0100, 0, 251, 1), "REFUSED"),
                arguments("TSIG as type", question(0x0100, 0, 250, 1), "REFUSED"),
                arguments("OPT as type", question(0x0100, 0, 41, 1), "FORMERR"),
                arguments("additional that is no OPT", question(0x0100, 1, 1, 1).name("").u16(250).u16(255).u32(0).u16(0), "FORMERR"),
                arguments("two OPT", question(0x0100, 2, 1, 1).opt(1232, 0, 0).opt(1232, 0, 0), "FORMERR"),
                arguments("OPT with an owner", question(0x0100, 1, 1, 1).name("a").u16(41).u16(1232).u32(0).u16(0), "FORMERR"),
                arguments("option beyond the end", question(0x0100, 1, 1, 1).opt(1232, 0, 0, 0, 10, 0, 9, 1), "FORMERR"),
                arguments("33 options", question(0x0100, 1, 1, 1).opt(1232, 0, 0, new int[33 * 4]), "FORMERR"),
                arguments("513 bytes of options", question(0x0100, 1, 1, 1).opt(1232, 0, 0, padding(513)), "FORMERR"),
                arguments("EDNS version 1", question(0x0100, 1, 1, 1).opt(1232, 1, 0), "NOERROR/BADVERS"));
    }

    private static int[] padding(int size) {
        int[] option = new int[size];
        option[1] = 12;
        option[2] = size - 4 >>> 8;
        option[3] = size - 4 & 0xFF;
        return option;
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refuses(String what, Packets packet, String rcode) throws Exception {
        int asked = upstream.asked();
        for (byte[] reply : List.of(client.udp(packet.bytes()), client.tcp(packet.bytes()))) {
            assertEquals(99, Packets.u16(reply, 0), what);
            assertTrue(Packets.flag(reply, 0x8000), what);
            assertEquals(rcode.split("/", -1)[0], Packets.rcode(reply), what);
            assertEquals(0, Packets.u16(reply, 6), "answers");
            if (rcode.endsWith("BADVERS")) {
                assertEquals(1, reply[reply.length - 6], "extended code");
                assertEquals(0, reply[reply.length - 5], "our version");
            }
        }
        assertEquals(asked, upstream.asked(), "nothing of this goes upstream");
    }

    /** RFC 8906 §8: all of these get the plain answer. */
    static Stream<Arguments> probes() {
        return Stream.of(
                arguments("plain", question(0x0000, 0, 1, 1), 1),
                arguments("unknown header flag", question(0x0040, 0, 1, 1), 1),
                arguments("AD", question(0x0120, 0, 1, 1), 1),
                arguments("CD", question(0x0110, 0, 1, 1), 1),
                arguments("RD", question(0x0100, 0, 1, 1), 1),
                arguments("EDNS", question(0x0100, 1, 1, 1).opt(4096, 0, 0), 1),
                arguments("DO", question(0x0100, 1, 1, 1).opt(4096, 0, 0x8000), 1),
                arguments("unknown EDNS flag", question(0x0100, 1, 1, 1).opt(4096, 0, 0x40), 1),
                arguments("unknown option", question(0x0100, 1, 1, 1).opt(4096, 0, 0, 0, 100, 0, 1, 7), 1),
                arguments("NSID, cookie and subnet", question(0x0100, 1, 1, 1).opt(4096, 0, 0,
                        0, 3, 0, 0, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 8, 0, 4, 0, 1, 0, 0), 1),
                arguments("unknown type", question(0x0100, 0, 1000, 1), 0),
                arguments("buffer size 0", question(0x0100, 1, 1, 1).opt(0, 0, 0), 1));
    }

    @ParameterizedTest
    @MethodSource("probes")
    void passesCompatibilityProbes(String what, Packets packet, int answers) throws Exception {
        byte[] query = packet.bytes();
        for (byte[] reply : List.of(client.udp(query), client.tcp(query))) {
            assertEquals("NOERROR", Packets.rcode(reply), what);
            assertEquals(answers, Packets.u16(reply, 6), what);
            assertFalse(Packets.flag(reply, 0x0040), "Z is clear");
            assertFalse(Packets.flag(reply, 0x0020), "AD is clear");
            assertTrue(Packets.flag(reply, 0x0080), "RA is set");
            boolean edns = Packets.u16(query, 10) == 1;
            assertEquals(edns ? 1 : 0, Packets.u16(reply, 10), "OPT when asked with one");
            if (edns) {
                int opt = reply.length - 11;
                assertEquals(41, Packets.u16(reply, opt + 1));
                assertEquals(1232, Packets.u16(reply, opt + 3));
                int flags = Packets.u16(query, questionEnd(query) + 7);
                assertEquals(flags & 0x8000, Packets.u16(reply, opt + 7), "only DO is echoed");
                assertEquals(0, Packets.u16(reply, opt + 9), "no options");
            }
        }
    }

    private static int questionEnd(byte[] query) {
        return 12 + Packets.question(query).length;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 11})
    void repliesToNothingShorterThanAHeaderNorToReplies(int length) throws Exception {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(10_000);
            socket.connect(boundAddress());
            socket.send(new DatagramPacket(new byte[length], length));
            byte[] aReply = question(0x8180, 0, 1, 1).bytes();
            socket.send(new DatagramPacket(aReply, aReply.length));
            byte[] good = Packets.query(7, HOST, 1);
            socket.send(new DatagramPacket(good, good.length));
            byte[] buffer = new byte[512];
            socket.receive(new DatagramPacket(buffer, buffer.length));
            // Order is kept on one socket, so the first reply would have been to the earlier packets.
            assertEquals(7, Packets.u16(buffer, 0));
        }
    }

    private static InetSocketAddress boundAddress() {
        return client.server();
    }

    @Test
    void largeAnswersAreCutToTheClientsSizeButNeverAbove1232() throws Exception {
        byte[] small = client.udp("many.default.svc.cluster.local", 1);
        assertTrue(Packets.flag(small, 0x0200), "TC");
        assertEquals(0, Packets.u16(small, 6), "an empty answer section");
        byte[] greedy = client.udp(Packets.ednsQuery(1, "many.default.svc.cluster.local", 1, 65_535, 0));
        assertTrue(Packets.flag(greedy, 0x0200), "TC");
        assertEquals(1, Packets.u16(greedy, 10), "OPT stays");
        assertTrue(greedy.length <= 1232);
        byte[] whole = client.tcp("many.default.svc.cluster.local", 1);
        assertFalse(Packets.flag(whole, 0x0200));
        assertEquals(200, Packets.u16(whole, 6));
    }

    /** Names and types that only a complete front answers. */
    static Stream<Arguments> richer() {
        return Stream.of(
                arguments("_9080._tcp." + HOST, 33, "NOERROR", List.of("_9080._tcp." + HOST + " 30 SRV 0 100 9080 " + HOST)),
                arguments("_9090._tcp.reviews", 33, "NOERROR", List.of("_9090._tcp.reviews 30 SRV 0 100 9090 " + HOST)),
                arguments("_grpc._tcp.reviews", 33, "NOERROR", List.of("_grpc._tcp.reviews 30 SRV 0 100 9090 " + HOST)),
                arguments("_http._tcp.reviews", 33, "NOERROR", List.of("_http._tcp.reviews 30 SRV 0 100 9080 " + HOST)),
                arguments("_http._udp." + HOST, 33, "NXDOMAIN", List.of()),
                arguments("_9081._tcp." + HOST, 33, "NXDOMAIN", List.of()),
                arguments("_9080._tcp." + HOST, 1, "NOERROR", List.of()),
                arguments("_5432._tcp.db.example", 33, "NOERROR", List.of("_5432._tcp.db.example 30 SRV 0 100 5432 db.example")),
                arguments("_1._tcp.db.example", 33, "NOERROR", List.of()),
                arguments("13.0.96.10.in-addr.arpa", 12, "NOERROR", List.of("13.0.96.10.in-addr.arpa 30 PTR " + HOST)),
                arguments("7.44.1.44.10.in-addr.arpa", 12, "NOERROR", null),
                arguments("6.0.240.240.in-addr.arpa", 12, "NOERROR", List.of("6.0.240.240.in-addr.arpa 30 PTR db.example")),
                arguments("99.0.96.10.in-addr.arpa", 12, "NXDOMAIN", List.of()),
                // Names exist below these three, so that they exist too.
                arguments("0.96.10.in-addr.arpa", 12, "NOERROR", List.of()),
                arguments("0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa", 12, "NOERROR", List.of()),
                arguments("_tcp." + HOST, 33, "NOERROR", List.of()),
                arguments("x.0.96.10.in-addr.arpa", 12, "NXDOMAIN", List.of()),
                arguments("_tcp.nobody.default.svc.cluster.local", 33, "NXDOMAIN", List.of()),
                arguments("15.0.96.10.in-addr.arpa", 12, "NOERROR",
                        List.of("15.0.96.10.in-addr.arpa 30 PTR db-0.db.default.svc.cluster.local")),
                arguments("1.0.112.10.in-addr.arpa", 12, "NOERROR", null),
                arguments("d.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa", 12, "NOERROR",
                        List.of("d.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.1.0.0.0.0.d.f.ip6.arpa 30 PTR " + HOST)),
                arguments("dns-version.cluster.local", 16, "NOERROR", List.of("dns-version.cluster.local 30 TXT \"1.1.0\"")),
                arguments(HOST, 255, "NOERROR", List.of(HOST + " 30 A 10.96.0.13", HOST + " 30 AAAA fd00:10:96:0:0:0:0:d")),
                arguments("www.example.com", 255, "NOERROR", List.of("www.example.com 30 HINFO \"RFC8482\" \"\"")),
                arguments("localhost", 1, "NOERROR", List.of("localhost 30 A 127.0.0.1")),
                arguments("a.localhost", 28, "NOERROR", List.of("a.localhost 30 AAAA 0:0:0:0:0:0:0:1")),
                arguments("x.onion", 1, "NXDOMAIN", List.of()),
                arguments("x.y.invalid", 1, "NXDOMAIN", List.of()),
                arguments("x.test", 28, "NXDOMAIN", List.of()),
                arguments("missing.corp.internal", 1, "NXDOMAIN", List.of()),
                arguments("note.corp.internal", 16, "NOERROR", List.of("note.corp.internal 30 TXT \"hello\"")),
                arguments("note.corp.internal", 1, "NOERROR", List.of()),
                arguments("a.b.apps.corp.internal", 1, "NOERROR", List.of("a.b.apps.corp.internal 30 A 198.51.100.4")),
                arguments("alias.corp.internal", 1, "NOERROR", List.of(
                        "alias.corp.internal 30 CNAME second.corp.internal", "second.corp.internal 30 CNAME " + HOST, HOST + " 30 A 10.96.0.13")),
                arguments("alias.corp.internal", 5, "NOERROR", List.of("alias.corp.internal 30 CNAME second.corp.internal")),
                arguments("public.corp.internal", 1, "NOERROR", List.of(
                        "public.corp.internal 30 CNAME www.example.com", "www.example.com 300 A 192.0.2.1")),
                arguments("nowhere.corp.internal", 1, "NXDOMAIN", List.of("nowhere.corp.internal 30 CNAME gone.corp.internal")),
                arguments("home.corp.internal", 1, "NOERROR", List.of("home.corp.internal 30 CNAME localhost", "localhost 30 A 127.0.0.1")),
                arguments("chain1.corp.internal", 1, "NOERROR", null),
                arguments("chain0.corp.internal", 1, "SERVFAIL", null),
                arguments("to-nobody.example", 1, "NXDOMAIN", List.of("to-nobody.example 60 CNAME nobody.default.svc.cluster.local")),
                arguments("to-localhost.example", 1, "NOERROR", List.of("to-localhost.example 60 CNAME localhost", "localhost 30 A 127.0.0.1")),
                arguments("loop1.corp.internal", 1, "SERVFAIL", null));
    }

    @ParameterizedTest
    @MethodSource("richer")
    void answersMoreThanAddresses(String name, int type, String rcode, @Nullable List<String> records) throws Exception {
        byte[] reply = client.udp(Packets.ednsQuery(1, name, type, 1232, 0));
        assertEquals(rcode, Packets.rcode(reply));
        if (records != null) {
            List<String> withoutSoa = Packets.records(reply).stream().filter(r -> !r.contains(" SOA ")).toList();
            assertEquals(records, withoutSoa);
        }
        if (records != null && records.isEmpty()) {
            assertTrue(Packets.records(reply).getFirst().contains(" SOA "), "a negative answer can be remembered");
        }
    }

    @Test
    void srvBringsTheAddressesAlong() throws IOException {
        byte[] reply = client.udp("_9080._tcp.reviews.default", 33);
        assertEquals(1, Packets.u16(reply, 6));
        assertEquals(2, Packets.u16(reply, 10));
    }
}
