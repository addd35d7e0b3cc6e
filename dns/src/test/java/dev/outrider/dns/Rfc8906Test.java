package dev.outrider.dns;

import dev.outrider.dns.table.MeshName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * The server-compatibility probes of RFC 8906 §8, each with the number of its section, for a zone that is answered here and for one whose
 * answer comes from a resolver, over UDP and over TCP.
 */
class Rfc8906Test {

    private static final String OURS = "svc.cluster.local";
    private static final String PUBLIC = "example.com";

    private static final int SOA = 6;
    private static final int DNSKEY = 48;
    private static final int UNKNOWN_TYPE = 1000;

    private static final int AA = 0x0400;
    private static final int TC = 0x0200;
    private static final int RD = 0x0100;
    private static final int Z = 0x0040;
    private static final int AD = 0x0020;
    private static final int CD = 0x0010;
    private static final int DO = 0x8000;
    private static final int NO_EDNS = -1;

    private static FakeResolver upstream;
    private static DnsShim shim;
    private static TestClient client;

    /** What is asked; {@code ednsVersion} is {@link #NO_EDNS} for a query without OPT. */
    private record Probe(int flags, int type, int ednsVersion, int ednsFlags, int bufferSize, int... option) {

        byte[] packet(String zone, int more) {
            Packets packet = new Packets().header(8906, flags | more, 1, 0, 0, ednsVersion == NO_EDNS ? 0 : 1).name(zone).u16(type).u16(1);
            return (ednsVersion == NO_EDNS ? packet : packet.opt(bufferSize, ednsVersion, ednsFlags, option)).bytes();
        }
    }

    private static Probe plain(int flags, int type) {
        return new Probe(flags, type, NO_EDNS, 0, 0);
    }

    private static Probe edns(int version, int ednsFlags, int... option) {
        return new Probe(0, SOA, version, ednsFlags, 4096, option);
    }

    @BeforeAll
    static void start() throws Exception {
        upstream = new FakeResolver((query, tcp, n) -> List.of(switch (Packets.questionType(query)) {
            case SOA -> soa(query);
            case DNSKEY -> tcp ? keys(query) : Packets.status(query, TC);
            default -> Packets.status(query, 0);
        }));
        shim = new DnsShim(DnsSettings.defaults().withListen(DnsShimTest.ANY_PORT).withServers(upstream.address()));
        client = new TestClient(shim.start().getFirst());
        shim.applyTable(List.of(new MeshName("reviews.default." + OURS, List.of("10.96.0.13"), "Kubernetes", "reviews", "default", List.of())))
                .get(10, TimeUnit.SECONDS);
    }

    @AfterAll
    static void stop() {
        shim.close();
        upstream.close();
    }

    private static byte[] soa(byte[] query) {
        return new Packets().header(Packets.u16(query, 0), 0x8180, 1, 1, 0, 0).raw(Packets.question(query))
                .u16(0xC00C).u16(SOA).u16(1).u32(60).u16(24).u16(0xC00C).u16(0xC00C).u32(1).u32(2).u32(3).u32(4).u32(5).bytes();
    }

    private static byte[] keys(byte[] query) {
        Packets packet = new Packets().header(Packets.u16(query, 0), 0x8180, 1, 4, 0, 0).raw(Packets.question(query));
        for (int i = 0; i < 4; i++) {
            packet.u16(0xC00C).u16(DNSKEY).u16(1).u32(60).u16(260).raw(new byte[260]);
        }
        return packet.bytes();
    }

    static Stream<Arguments> probes() {
        int[] unknownOption = {0, 100, 0, 0};
        // NSID, client subnet 0.0.0.0/0, cookie, expire.
        int[] knownOptions = {0, 3, 0, 0, 0, 8, 0, 4, 0, 1, 0, 0, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 9, 0, 0};
        return Stream.of(
                arguments("8.1.1 configured zone", plain(0, SOA), "NOERROR"),
                arguments("8.1.2 unknown type", plain(0, UNKNOWN_TYPE), "NOERROR"),
                arguments("8.1.3.1 CD", plain(CD, SOA), "NOERROR"),
                arguments("8.1.3.2 AD", plain(AD, SOA), "NOERROR"),
                arguments("8.1.3.3 reserved bit", plain(Z, SOA), "NOERROR"),
                arguments("8.1.3.4 recursion desired", plain(RD, SOA), "NOERROR"),
                arguments("8.1.4 unknown opcode", plain(15 << 11, SOA), "NOTIMP"),
                arguments("8.2.1 minimal EDNS", edns(0, 0), "NOERROR"),
                arguments("8.2.2 EDNS version", edns(1, 0), "BADVERS"),
                arguments("8.2.3 unknown option", edns(0, 0, unknownOption), "NOERROR"),
                arguments("8.2.4 unknown EDNS flag", edns(0, 0x40), "NOERROR"),
                arguments("8.2.5 EDNS version and unknown flag", edns(1, 0x40), "BADVERS"),
                arguments("8.2.6 EDNS version and unknown option", edns(1, 0, unknownOption), "BADVERS"),
                arguments("8.2.7 truncated response", new Probe(0, DNSKEY, 0, DO, 512), "NOERROR"),
                arguments("8.2.8 DO", edns(0, DO), "NOERROR"),
                arguments("8.2.9 EDNS version and DO", edns(1, DO), "BADVERS"),
                arguments("8.2.10 several defined options", edns(0, 0, knownOptions), "NOERROR"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("probes")
    void aZoneOfOursAnswersAuthoritatively(String section, Probe probe, String rcode) throws IOException {
        // 8.1.5 is this over TCP.
        for (byte[] reply : over(probe.packet(OURS, 0))) {
            check(section, probe, rcode, reply);
            boolean answered = rcode.equals("NOERROR");
            assertEquals(answered, Packets.flag(reply, AA), "AA");
            assertEquals(probe.flags() & RD, Packets.u16(reply, 2) & RD, "RD is copied");
            boolean hasSoa = answered && probe.type() == SOA;
            assertEquals(hasSoa ? 1 : 0, Packets.u16(reply, 6), "answers");
            if (hasSoa) {
                assertTrue(Packets.records(reply).getFirst().startsWith(OURS + " 30 SOA "));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("probes")
    void aForwardedZoneDoesTheSameWhenRecursionIsDesired(String section, Probe probe, String rcode) throws IOException {
        List<byte[]> replies = over(probe.packet(PUBLIC, RD));
        for (int i = 0; i < replies.size(); i++) {
            byte[] reply = replies.get(i);
            check(section, probe, rcode, reply);
            assertFalse(Packets.flag(reply, AA), "not from here");
            boolean cut = probe.type() == DNSKEY && i == 0;
            assertEquals(cut, Packets.flag(reply, TC), "TC");
            int expected = !rcode.equals("NOERROR") || cut ? 0 : probe.type() == SOA ? 1 : probe.type() == DNSKEY ? 4 : 0;
            assertEquals(expected, Packets.u16(reply, 6), "answers");
        }
    }

    private static List<byte[]> over(byte[] packet) throws IOException {
        List<byte[]> replies = new ArrayList<>();
        replies.add(client.udp(packet));
        replies.add(client.tcp(packet));
        return replies;
    }

    /** What holds for every reply: flags that are not ours to set, and an OPT exactly when the client sent one. */
    private static void check(String section, Probe probe, String rcode, byte[] reply) {
        boolean edns = probe.ednsVersion() != NO_EDNS && !rcode.equals("NOTIMP");
        assertEquals(8906, Packets.u16(reply, 0), section);
        assertFalse(Packets.flag(reply, Z), "the reserved bit is clear");
        assertFalse(Packets.flag(reply, AD), "nothing was validated");
        assertEquals(edns ? 1 : 0, Packets.u16(reply, 10), "OPT");
        int extended = 0;
        if (edns) {
            int opt = reply.length - 11;
            assertEquals(41, Packets.u16(reply, opt + 1), "OPT comes last");
            extended = reply[opt + 5] << 4;
            assertEquals(0, reply[opt + 6], "version 0, whatever was asked");
            assertEquals(probe.ednsFlags() & DO, Packets.u16(reply, opt + 7), "of the flags only DO comes back");
            assertEquals(0, Packets.u16(reply, opt + 9), "no option comes back");
        }
        assertEquals(rcode.equals("BADVERS") ? 16 : rcode.equals("NOTIMP") ? 4 : 0, extended | reply[3] & 0x0F, section);
    }

    /** 8.1.4 as dig sends it: a header and nothing else. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 14, 15})
    void anOpcodeThatIsNotServedNeedsNoQuestion(int opcode) throws IOException {
        for (byte[] reply : over(new Packets().header(8906, opcode << 11, 0, 0, 0, 0).bytes())) {
            assertEquals(12, reply.length);
            assertEquals("NOTIMP", Packets.rcode(reply));
            assertEquals(opcode << 11, Packets.u16(reply, 2) & 0x7800);
        }
    }
}
