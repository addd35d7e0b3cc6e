package dev.outrider.dns;

import dev.outrider.dns.forward.ForwardCounters;
import dev.outrider.dns.forward.Forwarder;
import dev.outrider.dns.query.DnsMetrics;
import dev.outrider.dns.query.Outcome;
import dev.outrider.dns.query.QueryEngine;
import dev.outrider.dns.query.ReplyTarget;
import dev.outrider.dns.table.MeshName;
import dev.outrider.dns.table.NameTableBuilder;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Clients and resolvers that mean harm, against the assembled shim. */
class UnderAttackTest {

    private static final FakeResolver.Script SILENT = (query, tcp, n) -> List.of();

    private static DnsSettings settings(FakeResolver upstream) {
        return DnsSettings.defaults().withListen(DnsShimTest.ANY_PORT).withServers(upstream.address());
    }

    private static void await(LongSupplier value, long atLeast) {
        while (value.getAsLong() < atLeast) {
            Thread.onSpinWait();
        }
    }

    private static long exchanges(DnsShim shim) {
        // Without the loop probe's.
        return shim.forwarding().get(ForwardCounters.Event.EXCHANGE) - 1;
    }

    /** As many different questions as there are ids, of 66 peers, all before the first timer can run. */
    @Test
    void sixtyFiveThousandOutstandingQuestionsLeaveRoomForMeshNames() throws Exception {
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            EventLoop loop = group.next();
            Forwarder forwarder = Engines.forwarder(loop);
            QueryEngine engine = Engines.forwarding(
                    forwarder, List.of((InetSocketAddress) silent.getLocalSocketAddress()),
                    new NameTableBuilder("cluster.local", "default", List.of(), List.of()).current());
            Map<String, Integer> rcodes = new TreeMap<>();
            loop.submit(() -> {
                for (int i = 0; i < 65_536; i++) {
                    byte[] query = Packets.query(i, "q" + i + ".example", 1);
                    engine.handle(query, query.length, new Collector(new byte[] {127, 0, 1, (byte) (i / 1000)}, rcodes));
                }
            }).get(60, TimeUnit.SECONDS);
            assertEquals(Map.of("REFUSED", 65_536 - 4096), rcodes, "at most 4096 wait, all others are told at once");
            assertEquals(4096, engine.waiting());
            loop.submit(() -> {
                byte[] query = Packets.query(1, "localhost", 1);
                engine.handle(query, query.length, new Collector(new byte[] {127, 0, 1, 1}, rcodes));
                forwarder.close();
            }).get(60, TimeUnit.SECONDS);
            assertEquals(Map.of("REFUSED", 65_536 - 4096, "SERVFAIL", 4096, "NOERROR", 1), rcodes);
            assertEquals(0, engine.waiting());
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    /** Counts what replies say. */
    private record Collector(byte[] address, Map<String, Integer> rcodes) implements ReplyTarget {

        @Override
        public void reply(byte[] bytes, int length, Outcome outcome) {
            rcodes.merge(Packets.rcode(bytes), 1, Integer::sum);
        }

        @Override
        public boolean stream() {
            return false;
        }

        @Override
        public InetAddress peer() {
            try {
                return InetAddress.getByAddress(address);
            } catch (UnknownHostException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public ReplyTarget detach() {
            return this;
        }
    }

    @Test
    void aReplyFromAnotherAddressOrPortIsNotSeen() throws Exception {
        AtomicInteger forged = new AtomicInteger();
        try (DatagramSocket forger = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"));
                DatagramSocket neighbour = new DatagramSocket(0, InetAddress.getByName("127.0.0.2"));
                DatagramSocket resolver = new DatagramSocket(0, InetAddress.getLoopbackAddress());
                DnsShim shim = new DnsShim(DnsSettings.defaults().withListen(DnsShimTest.ANY_PORT)
                        .withServers((InetSocketAddress) resolver.getLocalSocketAddress()))) {
            Thread.ofVirtual().start(() -> forge(resolver, List.of(forger, neighbour), forged));
            TestClient client = new TestClient(shim.start().getFirst());
            assertEquals(List.of("www.example 60 A 192.0.2.1"), Packets.records(client.udp("www.example", 1)));
            assertTrue(forged.get() >= 2);
            assertEquals(0, shim.forwarding().get(ForwardCounters.Event.MISMATCH), "the kernel kept them away");
        }
    }

    /** Sends perfect forgeries, with the right id, from elsewhere before the true reply. */
    private static void forge(DatagramSocket resolver, List<DatagramSocket> forgers, AtomicInteger forged) {
        byte[] buffer = new byte[2048];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                resolver.receive(packet);
                byte[] query = Arrays.copyOf(buffer, packet.getLength());
                for (DatagramSocket forger : forgers) {
                    byte[] lie = Packets.answer(query, 60, "203.0.113.66");
                    forger.send(new DatagramPacket(lie, lie.length, packet.getSocketAddress()));
                    forged.incrementAndGet();
                }
                byte[] truth = Packets.answer(query, 60, "192.0.2.1");
                resolver.send(new DatagramPacket(truth, truth.length, packet.getSocketAddress()));
            }
        } catch (IOException e) {
            return;
        }
    }

    /** DNSBomb (CVE-2024-33655): who gathers many questions behind one slow reply wants them answered in one burst. */
    @Test
    void questionsGatherBehindOneReplyForTwoSecondsAtMost() throws Exception {
        AtomicLong clock = new AtomicLong();
        try (FakeResolver upstream = new FakeResolver(SILENT); DnsShim shim = new DnsShim(settings(upstream), clock::get);
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            TestClient client = new TestClient(shim.start().getFirst());
            List<Future<byte[]>> replies = new ArrayList<>();
            for (long at : new long[] {0, 1_999_999_999L, 2_000_000_000L}) {
                clock.set(at);
                replies.add(clients.submit((Callable<byte[]>) () -> client.udp("bomb.example", 1)));
                await(() -> waiting(shim), replies.size());
            }
            assertEquals(1, shim.forwarding().get(ForwardCounters.Event.COALESCED), "the second joins the first, the third does not");
            assertEquals(2, exchanges(shim));
            shim.close();
            for (Future<byte[]> reply : replies) {
                assertEquals("SERVFAIL", Packets.rcode(reply.get(10, TimeUnit.SECONDS)));
            }
        }
    }

    private static int waiting(DnsShim shim) {
        return shim.dump().join().waiting();
    }

    @Test
    void aFloodOfMalformedPacketsIsSurvivedWithoutALogLine() throws Exception {
        List<LogRecord> lines = new ArrayList<>();
        Handler collector = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger root = Logger.getLogger("");
        root.addHandler(collector);
        try (FakeResolver upstream = new FakeResolver(SILENT); DnsShim shim = new DnsShim(settings(upstream))) {
            TestClient client = new TestClient(shim.start().getFirst());
            lines.clear();
            flood(client);
            assertEquals(List.of(), lines);
            // The flood may have filled the kernel's buffer for datagrams.
            assertEquals("NOERROR", Packets.rcode(client.tcp("localhost", 1)));
            assertEquals(0, upstream.asked());
        } finally {
            root.removeHandler(collector);
        }
    }

    private static void flood(TestClient client) {
        Random random = new Random(8906);
        try (DatagramSocket socket = new DatagramSocket()) {
            for (int i = 0; i < 5000; i++) {
                byte[] noise = new byte[random.nextInt(600)];
                random.nextBytes(noise);
                if (noise.length > 3) {
                    // Queries by their header, so that the parser sees more than that.
                    noise[2] = 1;
                    noise[3] = 0;
                }
                socket.send(new DatagramPacket(noise, noise.length, client.server()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void noQueryNameBecomesALabel() throws Exception {
        try (FakeResolver upstream = FakeResolver.always("192.0.2.1"); DnsShim shim = new DnsShim(settings(upstream))) {
            TestClient client = new TestClient(shim.start().getFirst());
            shim.applyTable(List.of(new MeshName("secret.default.svc.cluster.local", List.of("10.96.0.13"), "Kubernetes", "secret", "default", List.of())))
                    .get(10, TimeUnit.SECONDS);
            for (String name : List.of("secret.example", "secret.default.svc.cluster.local", "secret.nobody.svc.cluster.local", "secret.onion")) {
                for (int type : new int[] {1, 33, 255, 61_111}) {
                    client.udp(name, type);
                }
            }
            List<DnsMetrics.Count> counts = shim.metrics().counts();
            assertTrue(counts.size() > 6, counts.toString());
            assertFalse(counts.toString().contains("secret"));
            assertFalse(counts.toString().contains("61111"), "nor does its type");
        }
    }

    @Test
    void aMeshNameWinsOverACachedDenial() throws Exception {
        try (FakeResolver upstream = new FakeResolver((query, tcp, n) -> List.of(denial(query)));
                DnsShim shim = new DnsShim(settings(upstream))) {
            TestClient client = new TestClient(shim.start().getFirst());
            assertEquals("NXDOMAIN", Packets.rcode(client.udp("api.partner.example", 1)));
            assertEquals("NXDOMAIN", Packets.rcode(client.udp("api.partner.example", 1)));
            assertEquals(1, upstream.asked(), "cached");
            shim.applyTable(List.of(new MeshName("api.partner.example", List.of("240.240.0.9"), "External", "", "", List.of())))
                    .get(10, TimeUnit.SECONDS);
            assertEquals(List.of("api.partner.example 30 A 240.240.0.9"), Packets.records(client.udp("api.partner.example", 1)));
        }
    }

    @Test
    void aDenialIsNeverServedStaleAndAnAnswerOnceStaleWithoutAWait() throws Exception {
        AtomicLong clock = new AtomicLong();
        AtomicInteger failing = new AtomicInteger();
        try (FakeResolver upstream = new FakeResolver((query, tcp, n) -> List.of(
                        failing.get() > 0 ? Packets.status(query, 2)
                                : Packets.questionName(query).startsWith("no") ? denial(query) : Packets.answer(query, 60, "192.0.2.1")));
                DnsShim shim = new DnsShim(settings(upstream), clock::get)) {
            TestClient client = new TestClient(shim.start().getFirst());
            client.udp("no.example", 1);
            client.udp("yes.example", 1);
            failing.set(1);
            clock.addAndGet(TimeUnit.SECONDS.toNanos(61));
            assertEquals("SERVFAIL", Packets.rcode(client.udp("no.example", 1)));
            assertEquals(List.of("yes.example 30 A 192.0.2.1"), Packets.records(client.udp("yes.example", 1)));
            int asked = upstream.asked();
            clock.addAndGet(TimeUnit.SECONDS.toNanos(29));
            assertEquals(List.of("yes.example 30 A 192.0.2.1"), Packets.records(client.udp("yes.example", 1)));
            assertEquals(asked, upstream.asked(), "nobody is asked again within thirty seconds of a failure");
            failing.set(0);
            clock.addAndGet(TimeUnit.SECONDS.toNanos(2));
            assertEquals(List.of("yes.example 60 A 192.0.2.1"), Packets.records(client.udp("yes.example", 1)));
        }
    }

    /** NXDOMAIN with an SOA that allows 60 s, of which 30 are taken. */
    private static byte[] denial(byte[] query) {
        return new Packets().header(Packets.u16(query, 0), 0x8183, 1, 0, 1, 0).raw(Packets.question(query))
                .u16(0xC00C).u16(6).u16(1).u32(60).u16(24).u16(0xC00C).u16(0xC00C).u32(1).u32(2).u32(3).u32(4).u32(60).bytes();
    }
}
