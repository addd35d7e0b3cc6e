package dev.outrider.dns.wire;

import dev.outrider.dns.Corpus;
import dev.outrider.dns.Packets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Any bytes at all: nothing throws, nothing loops, nothing is allocated beyond a bound, and only what answers the question is believed. */
class CodecFuzzTest {

    /** The records that are kept, a flag for each, and the answer around them. */
    private static final long MAX_BYTES_A_REPLY = 160_000;

    /** What loading a class or two takes; a byte for each query would be more. */
    private static final long MAX_BYTES_ALL_QUERIES = 40_000;

    private final Query query = new Query();
    private final Reply reply = new Reply();
    private final ReplyParser parser = new ReplyParser();
    private final UpstreamQuestion question = UpstreamQuestion.of(WireName.of("www.example"), RecordType.A);

    @Test
    void queriesOfAnyBytesAreReadOrRefusedWithoutAnAllocation() {
        long[] allocated = new long[1];
        int[] read = new int[1];
        Corpus.of("query", "reply").run(53, bytes -> {
            long before = Corpus.allocated();
            int verdict = query.parse(bytes, bytes.length);
            if (verdict != Query.DROP) {
                reply.start(query, 512);
                reply.rcode(verdict);
                assertTrue(reply.finish() <= 512);
            }
            allocated[0] += Corpus.allocated() - before;
            if (verdict == Rcode.NOERROR) {
                read[0]++;
                assertEquals(query.suffixHash(0), WireName.hash(query.name(), 0, query.nameLength()));
                byte[] again = query.copyPacket();
                assertEquals(Rcode.NOERROR, new Query().parse(again, again.length));
            }
        });
        assertTrue(read[0] > 1000, "the corpus still reaches the inside: " + read[0]);
        assertTrue(allocated[0] < MAX_BYTES_ALL_QUERIES, allocated[0] + " bytes");
    }

    /** Reply matching: what is believed has the id, and the very bytes of the question, and is a reply. */
    @Test
    void onlyRepliesToTheQuestionAreBelieved() {
        byte[] asked = Packets.question(question.packet(7, false));
        int[] answers = new int[1];
        Corpus.of("reply", "query").run(5353, bytes -> {
            long before = Corpus.allocated();
            ReplyParser.Verdict verdict = parser.parse(bytes, bytes.length, question, 7);
            long allocated = Corpus.allocated() - before;
            assertTrue(allocated < MAX_BYTES_A_REPLY, allocated + " bytes");
            if (verdict != ReplyParser.Verdict.ANSWER) {
                assertNull(parser.answer());
                return;
            }
            answers[0]++;
            assertEquals(7, Packets.u16(bytes, 0));
            assertTrue(Packets.flag(bytes, 0x8000));
            assertEquals(1, Packets.u16(bytes, 4));
            assertTrue(Arrays.equals(asked, 0, asked.length, bytes, 12, 12 + asked.length));
        });
        assertTrue(answers[0] > 1000, "the corpus still reaches the inside: " + answers[0]);
    }

    /** Encode, then decode: what is kept of any reply reads the same after it was written for a client. */
    @Test
    void whatIsKeptSurvivesBeingWrittenAndReadAgain() {
        byte[] client = question.packet(9, true);
        ReplyParser second = new ReplyParser();
        Corpus.of("reply").run(35, bytes -> {
            if (parser.parse(bytes, bytes.length, question, 7) != ReplyParser.Verdict.ANSWER) {
                return;
            }
            UpstreamAnswer first = Objects.requireNonNull(parser.answer());
            byte[] message = written(client, first);
            List<String> records = MessageText.records(message);
            assertEquals(first.answers() + first.authorities(), records.size());
            assertEquals(ReplyParser.Verdict.ANSWER, second.parse(message, message.length, question, 9));
            UpstreamAnswer again = Objects.requireNonNull(second.answer());
            assertEquals(first.rcode(), again.rcode());
            assertEquals(records, MessageText.records(written(client, again)));
        });
    }

    private byte[] written(byte[] client, UpstreamAnswer answer) {
        assertEquals(Rcode.NOERROR, query.parse(client, client.length));
        reply.start(query, Reply.MAX_TCP);
        reply.rcode(answer.rcode());
        reply.records(answer, 0, 0);
        return Arrays.copyOf(reply.bytes(), reply.finish());
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
