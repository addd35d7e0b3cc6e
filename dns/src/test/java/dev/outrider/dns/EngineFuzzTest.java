package dev.outrider.dns;

import dev.outrider.dns.query.InProcessTarget;
import dev.outrider.dns.query.Outcome;
import dev.outrider.dns.query.QueryEngine;
import dev.outrider.dns.query.Source;
import dev.outrider.dns.table.MeshName;
import dev.outrider.dns.table.MeshPort;
import dev.outrider.dns.table.NameTable;
import dev.outrider.dns.table.NameTableBuilder;
import dev.outrider.dns.table.StaticRecord;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Any bytes at all as questions to a table with every kind of name: each gets one reply, or none if it is no query; nothing throws. */
class EngineFuzzTest {

    /** The strings of a service name; more only where a class is loaded. */
    private static final long MAX_BYTES_A_QUESTION = 32_000;

    private static NameTable table() {
        NameTableBuilder builder = new NameTableBuilder("cluster.local", "default", List.of(), List.of(
                new StaticRecord("a.a.a", "CNAME", "reviews.default.svc.cluster.local"),
                new StaticRecord("www.example", "TXT", "hello")));
        builder.search(List.of("default.svc.cluster.local", "svc.cluster.local", "example"));
        builder.ports(List.of(new MeshPort("reviews.default.svc.cluster.local", 9080, "tcp", "http")));
        return builder.names(List.of(
                new MeshName("reviews.default.svc.cluster.local", List.of("10.96.0.13", "fd00:10:96::d"), "Kubernetes", "reviews", "default", List.of()),
                new MeshName("www.partner.example", List.of("240.240.0.1", "240.240.0.2"), "External", "", "", List.of()),
                new MeshName("*.dyn.example", List.of("240.240.0.3"), "External", "", "", List.of()),
                new MeshName("*.b", List.of(), "External", "", "", List.of())), new ArrayList<>());
    }

    /** Takes at most one reply, and keeps it. */
    private static final class One implements InProcessTarget {

        private final byte[] message = new byte[65_535];
        private int length;
        private int calls;
        private Source source = Source.REFUSED;

        @Override
        public void reply(byte[] bytes, int byteCount, Outcome outcome) {
            calls++;
            length = byteCount;
            source = outcome.source();
            System.arraycopy(bytes, 0, message, 0, byteCount);
        }

        @Override
        public void dropped() {
            calls++;
            length = 0;
        }

        @Override
        public boolean stream() {
            return false;
        }
    }

    @Test
    void everyQuestionGetsAtMostOneWellFormedReplyWithinItsLimit() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            EventLoop loop = group.next();
            QueryEngine engine = Engines.local(loop, table());
            loop.submit(() -> run(engine)).get(120, TimeUnit.SECONDS);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static void run(QueryEngine engine) {
        Map<Source, Integer> sources = new EnumMap<>(Source.class);
        One target = new One();
        Corpus.of("query").run(1034, bytes -> {
            target.calls = 0;
            long before = Corpus.allocated();
            engine.handle(bytes, bytes.length, target);
            long allocated = Corpus.allocated() - before;
            assertEquals(1, target.calls);
            if (target.length == 0) {
                assertTrue(bytes.length < 12 || Packets.flag(bytes, 0x8000), "no query");
                return;
            }
            sources.merge(target.source, 1, Integer::sum);
            assertTrue(target.length <= 1232);
            assertEquals(Packets.u16(bytes, 0), Packets.u16(target.message, 0));
            byte[] reply = Arrays.copyOf(target.message, target.length);
            assertEquals(Packets.u16(reply, 6) + Packets.u16(reply, 8), Packets.records(reply).size());
            if (target.source == Source.TABLE) {
                assertTrue(allocated < MAX_BYTES_A_QUESTION, allocated + " bytes");
            }
        });
        assertTrue(sources.keySet().containsAll(List.of(Source.TABLE, Source.STATIC, Source.ZONE, Source.REFUSED, Source.UNREACHABLE)), sources.toString());
    }
}
