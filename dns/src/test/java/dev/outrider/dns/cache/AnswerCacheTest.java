package dev.outrider.dns.cache;

import dev.outrider.dns.Packets;
import dev.outrider.dns.wire.Query;
import dev.outrider.dns.wire.ReplyParser;
import dev.outrider.dns.wire.UpstreamAnswer;
import dev.outrider.dns.wire.UpstreamQuestion;
import dev.outrider.dns.wire.WireName;
import java.util.Objects;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The byte bound, who leaves first, and that flags make different questions. */
class AnswerCacheTest {

    private static UpstreamQuestion question(String name) {
        return UpstreamQuestion.of(WireName.of(name), 1);
    }

    private static UpstreamAnswer answer(UpstreamQuestion question) {
        ReplyParser parser = new ReplyParser();
        byte[] reply = Packets.answer(question.packet(1, false), 60, "192.0.2.1");
        assertEquals(ReplyParser.Verdict.ANSWER, parser.parse(reply, reply.length, question, 1));
        return Objects.requireNonNull(parser.answer());
    }

    @Test
    void staysWithinItsBytesAndKeepsWhatIsUsed() {
        AnswerCache cache = new AnswerCache(20_000);
        UpstreamQuestion kept = question("kept.example");
        cache.put(kept, answer(kept), "r", 0);
        for (int i = 0; i < 5000; i++) {
            UpstreamQuestion other = question("name" + i + ".example");
            cache.put(other, answer(other), "r", 0);
            assertTrue(cache.bytes() <= 20_000);
            assertNotNull(cache.get(kept, 1));
        }
        assertTrue(cache.size() > 10 && cache.size() < 100, "entries " + cache.size());
        cache.clear();
        assertEquals(0, cache.bytes());
    }

    /** A ghost name lives on when a part of what is known gives the rest more time (CVE-2022-30698): here nothing has a part. */
    @Test
    void aNewAnswerReplacesTheOldOneWhole() {
        AnswerCache cache = new AnswerCache(20_000);
        UpstreamQuestion question = question("ghost.example");
        cache.put(question, answer(question), "first", 0);
        long later = 59_000_000_000L;
        UpstreamAnswer second = answer(question);
        cache.put(question, second, "second", later);
        assertEquals(1, cache.size());
        AnswerCache.Entry entry = Objects.requireNonNull(cache.get(question, later + 1));
        assertSame(second, entry.answer());
        assertEquals("second", entry.resolver());
        assertTrue(entry.fresh(later + 59_000_000_000L));
        assertFalse(entry.fresh(later + 60_000_000_000L));
    }

    @Test
    void questionsThatDifferInTheirFlagsAreDifferent() {
        AnswerCache cache = new AnswerCache(20_000);
        UpstreamQuestion plain = question("a.example");
        cache.put(plain, answer(plain), "r", 0);
        Query query = new Query();
        byte[] packet = Packets.query(1, "A.EXAMPLE", 1);
        assertEquals(0, query.parse(packet, packet.length));
        assertNotNull(cache.get(query, 1));
        byte[] dnssec = Packets.ednsQuery(1, "a.example", 1, 1232, 0x8000);
        assertEquals(0, query.parse(dnssec, dnssec.length));
        assertNull(cache.get(query, 1));
    }
}
