package dev.outrider.dns.wire;

import dev.outrider.dns.Packets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Any bytes at all, from fixed seeds: nothing throws, nothing loops, what is accepted can be written again. */
class CodecFuzzTest {

    private static final int ROUNDS = 60_000;

    private final Query query = new Query();
    private final Reply reply = new Reply();
    private final ReplyParser parser = new ReplyParser();
    private final UpstreamQuestion question = UpstreamQuestion.of(WireName.of("www.example"), RecordType.A);

    /** Well-formed and once dangerous messages that mutation starts from. */
    private List<byte[]> corpus() {
        byte[] asked = question.packet(7, true);
        return List.of(
                Packets.query(7, "www.example", 1),
                Packets.ednsQuery(7, "reviews.default.svc.cluster.local", 28, 1232, 0x8000),
                new Packets().header(7, 0x0100, 1, 0, 0, 1).name("a").u16(1).u16(1).opt(4096, 0, 0, 0, 10, 0, 2, 1, 2).bytes(),
                Packets.answer(asked, 60, "192.0.2.1", "192.0.2.2"),
                new Packets().header(7, 0x8180, 1, 2, 1, 1).raw(Packets.question(asked))
                        .u16(0xC00C).u16(5).u16(1).u32(60).u16(6).raw(3, 'c', 'd', 'n').u16(0xC00C)
                        .raw(3, 'c', 'd', 'n').u16(0xC00C).u16(1).u16(1).u32(60).u16(4).raw(192, 0, 2, 1)
                        .u16(0xC00C).u16(6).u16(1).u32(60).u16(24).u16(0xC00C).u16(0xC00C).u32(1).u32(2).u32(3).u32(4).u32(5)
                        .opt(1232, 0, 0).bytes(),
                new Packets().header(7, 0x8180, 1, 1, 0, 0).raw(Packets.question(asked))
                        .u16(0xC00C).u16(33).u16(1).u32(60).u16(8).u16(1).u16(2).u16(3).u16(0xC00C).bytes());
    }

    private static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = Arrays.copyOf(seed, Math.max(0, seed.length + (random.nextInt(4) == 0 ? random.nextInt(-seed.length, 40) : 0)));
        for (int i = random.nextInt(6); i > 0 && bytes.length > 0; i--) {
            int at = random.nextInt(bytes.length);
            bytes[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) 0xC0;
                case 1 -> (byte) random.nextInt(64);
                case 2 -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
                default -> (byte) random.nextInt(256);
            };
        }
        return bytes;
    }

    @Test
    void queriesOfAnyBytesGetAReplyOrNone() {
        Random random = new Random(53);
        List<byte[]> corpus = corpus();
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = mutate(corpus.get(i % corpus.size()), random);
            int verdict = query.parse(bytes, bytes.length);
            if (verdict == Query.DROP) {
                continue;
            }
            reply.start(query, 512);
            reply.rcode(verdict);
            int length = reply.finish();
            assertTrue(length >= 12 && length <= 512);
            if (verdict == Rcode.NOERROR) {
                assertEquals(query.nameLength() == 0 ? 0 : query.suffixHash(0), WireName.hash(query.name(), 0, query.nameLength()));
                byte[] again = query.copyPacket();
                assertEquals(Rcode.NOERROR, new Query().parse(again, again.length));
            }
        }
    }

    @Test
    void repliesOfAnyBytesAreJudgedAndWhatIsKeptCanBeWritten() {
        Random random = new Random(5353);
        List<byte[]> corpus = corpus();
        byte[] client = Packets.query(9, "WWW.example", 1);
        int answers = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = mutate(corpus.get(i % corpus.size()), random);
            if (parser.parse(bytes, bytes.length, question, 7) != ReplyParser.Verdict.ANSWER) {
                continue;
            }
            answers++;
            UpstreamAnswer answer = parser.answer();
            assertNotNull(answer);
            assertEquals(Rcode.NOERROR, query.parse(client, client.length));
            reply.start(query, Reply.MAX_TCP);
            reply.records(answer, 1, 0);
            byte[] message = Arrays.copyOf(reply.bytes(), reply.finish());
            assertEquals(answer.answers() + answer.authorities(), MessageText.records(message).size());
        }
        assertTrue(answers > 1000, "the corpus still reaches the inside: " + answers);
    }

    @Test
    void aCompressionBombIsRefusedQuickly() {
        // 4,000 records whose names are each a long chain of labels: legal pointers, absurd work.
        Packets bomb = new Packets().header(7, 0x8180, 1, 4000, 0, 0).raw(Packets.question(question.packet(7, false)));
        bomb.name(("a.").repeat(120) + "b").u16(16).u16(1).u32(1).u16(0);
        for (int i = 1; i < 4000; i++) {
            bomb.u16(0xC000 | 12 + 17).u16(16).u16(1).u32(1).u16(0);
        }
        byte[] bytes = bomb.bytes();
        assertEquals(ReplyParser.Verdict.MALFORMED, parser.parse(bytes, bytes.length, question, 7));
    }

    @Test
    void pointersThatDoNotLeadBackwardsAreRefused() {
        for (int target : new int[] {0, 11, 29, 30, 31, 0x3FFF}) {
            byte[] bytes = new Packets().header(7, 0x8180, 1, 1, 0, 0).raw(Packets.question(question.packet(7, false)))
                    .u16(0xC000 | target).u16(1).u16(1).u32(1).u16(4).u32(0).bytes();
            assertEquals(ReplyParser.Verdict.MALFORMED, parser.parse(bytes, bytes.length, question, 7), "pointer to " + target);
        }
    }

    @Test
    void timesToLiveAreCapped() {
        byte[] asked = question.packet(7, false);
        List<Integer> ttls = new ArrayList<>();
        for (long ttl : new long[] {0, 100, 1_000_000, 0x80000001L}) {
            byte[] bytes = Packets.answer(asked, (int) ttl, "192.0.2.1");
            assertEquals(ReplyParser.Verdict.ANSWER, parser.parse(bytes, bytes.length, question, 7));
            UpstreamAnswer answer = parser.answer();
            assertNotNull(answer);
            ttls.add(answer.ttlSeconds());
        }
        assertEquals(List.of(1, 100, 3600, 1), ttls);
        byte[] negative = new Packets().header(7, 0x8183, 1, 0, 1, 0).raw(Packets.question(asked))
                .u16(0xC010).u16(6).u16(1).u32(900).u16(24).u16(0xC00C).u16(0xC00C).u32(1).u32(2).u32(3).u32(4).u32(600).bytes();
        assertEquals(ReplyParser.Verdict.ANSWER, parser.parse(negative, negative.length, question, 7));
        UpstreamAnswer answer = parser.answer();
        assertNotNull(answer);
        assertEquals(30, answer.ttlSeconds());
    }
}
