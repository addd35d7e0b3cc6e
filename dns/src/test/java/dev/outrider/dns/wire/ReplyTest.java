package dev.outrider.dns.wire;

import dev.outrider.dns.Packets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Where a reply stops fitting, to the byte. */
class ReplyTest {

    private final Query query = new Query();
    private final Reply reply = new Reply();

    private int build(byte[] packet, int limit, int addresses) {
        assertEquals(Rcode.NOERROR, query.parse(packet, packet.length));
        reply.start(query, limit);
        for (int i = 0; i < addresses; i++) {
            reply.address(Reply.QUESTION_NAME, 4, 30, new byte[] {10, 0, 0, (byte) i}, 0);
        }
        return reply.finish();
    }

    @Test
    void fitsToTheLastByteAndIsCutToNothingBeyondIt() {
        byte[] plain = Packets.query(1, "a.example", 1);
        byte[] edns = Packets.ednsQuery(1, "a.example", 1, 4096, 0);
        for (byte[] packet : List.of(plain, edns)) {
            for (int addresses = 0; addresses < 90; addresses++) {
                for (int limit : new int[] {512, 513, 1232}) {
                    // Question and OPT are as long in the reply as in the query; an address takes 16 bytes.
                    int whole = packet.length + 16 * addresses;
                    boolean fits = whole <= limit;
                    assertEquals(fits ? whole : packet.length, build(packet, limit, addresses));
                    assertEquals(!fits, reply.truncated());
                    assertEquals(fits ? addresses : 0, Packets.u16(reply.bytes(), 6));
                }
            }
        }
    }

    /** The error's text goes first, then its code; what answers the question never does (CVE-2024-1931 looped here). */
    @ParameterizedTest
    @ValueSource(ints = {0, 5, 6, 10, 11})
    void anExtendedErrorTakesOnlyWhatIsLeft(int spare) {
        byte[] packet = Packets.ednsQuery(1, "a.example", 1, 512, 0);
        assertEquals(Rcode.NOERROR, query.parse(packet, packet.length));
        reply.start(query, packet.length + 16 + spare);
        reply.address(Reply.QUESTION_NAME, 4, 30, new byte[4], 0);
        reply.extendedError(ExtendedError.STALE_ANSWER, "stale");
        int length = reply.finish();
        assertEquals(packet.length + 16 + (spare >= 11 ? 11 : spare >= 6 ? 6 : 0), length);
        assertEquals(1, Packets.u16(reply.bytes(), 6));
    }

    @Test
    void namesAndLabelsOfTheGreatestLengthAreRead() {
        String label = "x".repeat(63);
        String longest = label + "." + label + "." + label + "." + "x".repeat(61);
        byte[] packet = Packets.query(1, longest, 1);
        assertEquals(Rcode.NOERROR, query.parse(packet, packet.length));
        assertEquals(254, query.nameLength());
        assertEquals(longest, query.nameText());
        byte[] tooLong = Packets.query(1, longest + "x", 1);
        assertEquals(Rcode.FORMERR, query.parse(tooLong, tooLong.length));
        String labels = "a.".repeat(126) + "a";
        byte[] mostLabels = Packets.query(1, labels, 1);
        assertEquals(Rcode.NOERROR, query.parse(mostLabels, mostLabels.length));
        assertEquals(127, query.labels());
    }

    @Test
    void asManyOptionsAsAreAllowedAreRead() {
        byte[] options = new Packets().header(1, 0x0100, 1, 0, 0, 1).name("a").u16(1).u16(1).opt(1232, 0, 0, new int[32 * 4]).bytes();
        assertEquals(Rcode.NOERROR, query.parse(options, options.length));
        int[] padding = new int[512];
        padding[1] = 12;
        padding[2] = 1;
        padding[3] = 252;
        byte[] large = new Packets().header(1, 0x0100, 1, 0, 0, 1).name("a").u16(1).u16(1).opt(1232, 0, 0, padding).bytes();
        assertEquals(Rcode.NOERROR, query.parse(large, large.length));
        assertTrue(query.edns());
    }
}
