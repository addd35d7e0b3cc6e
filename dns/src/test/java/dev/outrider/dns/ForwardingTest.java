package dev.outrider.dns;

import dev.outrider.dns.forward.ForwardCounters;
import dev.outrider.dns.query.DnsMetrics;
import dev.outrider.dns.table.MeshName;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Questions that go to resolvers: which, how often, what is believed of the reply, and what is remembered. */
class ForwardingTest {

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    private FakeResolver resolver(FakeResolver.Script script) {
        FakeResolver resolver = new FakeResolver(script);
        open.add(resolver);
        return resolver;
    }

    private DnsShim shim(DnsSettings settings) {
        DnsShim shim = new DnsShim(settings.withListen(DnsShimTest.ANY_PORT));
        open.add(shim);
        return shim;
    }

    private static DnsSettings servers(InetSocketAddress... servers) {
        return DnsSettings.defaults().withServers(servers);
    }

    private static TestClient start(DnsShim shim) throws Exception {
        return new TestClient(shim.start().getFirst());
    }

    private static InetSocketAddress closedPort() throws Exception {
        try (DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    @Test
    void asksWithEdns1232AndWithoutTheClientsOptions() throws Exception {
        FakeResolver upstream = resolver((query, tcp, n) -> List.of(Packets.answer(query, 60, "192.0.2.1")));
        TestClient client = start(shim(servers(upstream.address())));
        byte[] withSubnet = new Packets().header(5, 0x0130, 1, 0, 0, 1).name("WWW.Example.COM").u16(1).u16(1)
                .opt(4096, 0, 0x8000, 0, 8, 0, 4, 0, 1, 0, 0).bytes();
        byte[] reply = client.udp(withSubnet);
        byte[] asked = upstream.nextQuery();
        int opt = 12 + Packets.question(asked).length;
        assertEquals(opt + 11, asked.length, "an OPT without options: never a client subnet");
        assertEquals(1232, Packets.u16(asked, opt + 3));
        assertEquals(0x8000, Packets.u16(asked, opt + 7), "DO passes");
        assertTrue(Packets.flag(asked, 0x0010), "CD passes");
        assertEquals(List.of("WWW.Example.COM 60 A 192.0.2.1"), Packets.records(reply), "the client's case comes back");
    }

    @Test
    void eachQuestionHasItsOwnPortAndId() throws Exception {
        FakeResolver upstream = resolver((query, tcp, n) -> List.of(Packets.answer(query, 60, "192.0.2.1")));
        TestClient client = start(shim(servers(upstream.address())));
        Set<Integer> ids = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            String name = "host" + i + ".example.com";
            assertEquals("NOERROR", Packets.rcode(client.udp(name, 1)));
            ids.add(Packets.u16(upstream.nextQuery(), 0));
            ports.add(upstream.ports.take());
        }
        // Chance alone makes two of twenty equal once in 345 runs, three of them practically never.
        assertTrue(ids.size() >= 18, "ids " + ids);
        assertTrue(ports.size() >= 18, "ports " + ports);
    }

    @Test
    void aCutReplyIsFetchedOverTcp() throws Exception {
        String[] ips = new String[100];
        for (int i = 0; i < ips.length; i++) {
            ips[i] = "192.0.2." + i;
        }
        FakeResolver upstream = resolver((query, tcp, n) -> List.of(tcp ? Packets.answer(query, 60, ips) : Packets.status(query, 0x0200)));
        DnsShim shim = shim(servers(upstream.address()));
        TestClient client = start(shim);
        byte[] overUdp = client.udp("big.example.com", 1);
        assertTrue(Packets.flag(overUdp, 0x0200));
        assertEquals(0, Packets.u16(overUdp, 6));
        assertEquals(100, Packets.u16(client.tcp("big.example.com", 1), 6));
        assertEquals(1, shim.forwarding().get(ForwardCounters.Event.TCP_RETRY));
    }

    /** One wrong thing each; none may be believed, and the right answer over TCP must come. */
    @Test
    void forgedRepliesAreNotBelieved() throws Exception {
        FakeResolver upstream = resolver((query, tcp, n) -> {
            if (tcp) {
                return List.of(Packets.answer(query, 60, "192.0.2.1"));
            }
            byte[] forged = Packets.answer(query, 60, "203.0.113.66");
            switch (n % 5) {
                case 0 -> forged[1] ^= 1;
                case 1 -> forged[13] ^= 0x20;
                case 2 -> forged[12 + Packets.question(query).length - 3] = 28;
                case 3 -> forged[12 + Packets.question(query).length - 1] = 3;
                default -> forged[2] &= 0x7F;
            }
            return List.of(forged);
        });
        DnsShim shim = shim(servers(upstream.address()));
        TestClient client = start(shim);
        for (int i = 0; i < 5; i++) {
            String name = "victim" + i + ".example.com";
            assertEquals(List.of(name + " 60 A 192.0.2.1"), Packets.records(client.udp(name, 1)));
        }
        assertEquals(5, shim.forwarding().get(ForwardCounters.Event.MISMATCH));
    }

    @Test
    void aFloodOfWrongRepliesCostsOnePacket() throws Exception {
        FakeResolver upstream = resolver((query, tcp, n) -> {
            if (tcp) {
                return List.of(Packets.answer(query, 60, "192.0.2.1"));
            }
            List<byte[]> flood = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                byte[] forged = Packets.answer(query, 60, "203.0.113.66");
                forged[0] ^= (byte) (1 + i % 255);
                flood.add(forged);
            }
            return flood;
        });
        DnsShim shim = shim(servers(upstream.address()));
        TestClient client = start(shim);
        assertEquals(List.of("a.example 60 A 192.0.2.1"), Packets.records(client.udp("a.example", 1)));
        assertEquals(1, shim.forwarding().get(ForwardCounters.Event.MISMATCH));
    }

    @Test
    void onlyTheAnswerToTheQuestionIsKept() throws Exception {
        FakeResolver upstream = resolver((query, tcp, n) -> List.of(new Packets()
                .header(Packets.u16(query, 0), 0x8180, 1, 3, 1, 1)
                .raw(Packets.question(query))
                .u16(0xC00C).u16(5).u16(1).u32(60).u16(2 + 4).raw(3, 'c', 'd', 'n').u16(0xC00C)
                .raw(3, 'c', 'd', 'n').u16(0xC00C).u16(1).u16(1).u32(60).u16(4).raw(192, 0, 2, 1)
                .name("bank.example").u16(1).u16(1).u32(60).u16(4).raw(203, 0, 113, 66)
                .name("example").u16(2).u16(1).u32(60).u16(2).u16(0xC00C)
                .name("bank.example").u16(1).u16(1).u32(60).u16(4).raw(203, 0, 113, 66)
                .bytes()));
        TestClient client = start(shim(servers(upstream.address())));
        byte[] reply = client.udp("www.example", 1);
        assertEquals(List.of("www.example 60 CNAME cdn.www.example", "cdn.www.example 60 A 192.0.2.1"), Packets.records(reply));
        assertEquals(0, Packets.u16(reply, 8));
        assertEquals(0, Packets.u16(reply, 10));
        client.udp("bank.example", 1);
        assertEquals(2, upstream.asked(), "what came along was not remembered");
    }

    @Test
    void aSilentResolverIsHedgedAfter200Milliseconds() throws Exception {
        FakeResolver silent = resolver((query, tcp, n) -> List.of());
        FakeResolver good = resolver((query, tcp, n) -> List.of(Packets.answer(query, 60, "192.0.2.1")));
        DnsShim shim = shim(servers(silent.address(), good.address()));
        TestClient client = start(shim);
        for (int i = 0; i < 3; i++) {
            assertEquals("NOERROR", Packets.rcode(client.udp("a" + i + ".example", 1)));
        }
        assertEquals(3, shim.forwarding().get(ForwardCounters.Event.HEDGE));
        assertEquals("NOERROR", Packets.rcode(client.udp("b.example", 1)));
        assertEquals(3, silent.asked(), "after three failures in a row it is asked last");
        assertFalse(shim.dump().get(10, TimeUnit.SECONDS).resolvers().getFirst().resolvers().getFirst().healthy());
    }

    @Test
    void aDeadOrFailingResolverCostsNoWait() throws Exception {
        FakeResolver failing = resolver((query, tcp, n) -> List.of(Packets.status(query, 2)));
        FakeResolver good = resolver((query, tcp, n) -> List.of(Packets.answer(query, 60, "192.0.2.1")));
        DnsShim shim = shim(servers(closedPort(), failing.address(), good.address()));
        assertEquals("NOERROR", Packets.rcode(start(shim).udp("a.example", 1)));
        assertEquals(0, shim.forwarding().get(ForwardCounters.Event.HEDGE));
    }

    @Test
    void whenNobodyAnswersTheClientLearnsWhy() throws Exception {
        DnsShim shim = shim(servers(closedPort()));
        byte[] reply = start(shim).udp(Packets.ednsQuery(1, "a.example", 1, 1232, 0));
        assertEquals("SERVFAIL", Packets.rcode(reply));
        assertTrue(Packets.flag(reply, 0x0080));
        int opt = 12 + Packets.question(reply).length;
        assertEquals(15, Packets.u16(reply, opt + 11), "extended error");
        assertEquals(23, Packets.u16(reply, opt + 15), "network error");
    }

    @Test
    void aSilentNetworkIsReportedWithinFiveSeconds() throws Exception {
        FakeResolver silent = resolver((query, tcp, n) -> List.of());
        byte[] reply = start(shim(servers(silent.address()))).udp(Packets.ednsQuery(1, "a.example", 1, 1232, 0));
        assertEquals("SERVFAIL", Packets.rcode(reply));
        assertEquals(22, Packets.u16(reply, 12 + Packets.question(reply).length + 15), "no reachable authority");
        assertEquals(4, silent.asked(), "the question, the hedge and two repeats");
    }

    @Test
    void aResolverWithoutEdnsIsAskedWithout() throws Exception {
        FakeResolver old = resolver((query, tcp, n) -> List.of(
                Packets.u16(query, 10) == 1 ? Packets.status(query, 1) : Packets.answer(query, 60, "192.0.2.1")));
        TestClient client = start(shim(servers(old.address())));
        assertEquals("NOERROR", Packets.rcode(client.udp("a.example", 1)));
        assertEquals("NOERROR", Packets.rcode(client.udp("b.example", 1)));
        assertEquals(3, old.asked(), "remembered for the second question");
    }

    @Test
    void equalQuestionsAreAskedOnce() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        FakeResolver upstream = resolver((query, tcp, n) -> {
            try {
                assertTrue(release.await(10, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return List.of(Packets.answer(query, 60, "192.0.2.1"));
        });
        DnsShim shim = shim(servers(upstream.address()));
        TestClient client = start(shim);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> replies = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                byte[] query = Packets.query(1000 + i, i % 2 == 0 ? "same.example" : "SAME.example", 1);
                replies.add(clients.submit((Callable<byte[]>) () -> client.udp(query)));
            }
            while (shim.dump().get(10, TimeUnit.SECONDS).waiting() < 50) {
                Thread.onSpinWait();
            }
            release.countDown();
            for (int i = 0; i < 50; i++) {
                byte[] reply = replies.get(i).get(10, TimeUnit.SECONDS);
                assertEquals(1000 + i, Packets.u16(reply, 0), "each client's own id");
                assertEquals(i % 2 == 0 ? "same.example" : "SAME.example", Packets.questionName(reply));
            }
        }
        assertEquals(49, shim.forwarding().get(ForwardCounters.Event.COALESCED));
    }

    @Test
    void tooManyWaitingQuestionsAreRefused() throws Exception {
        FakeResolver silent = resolver((query, tcp, n) -> List.of());
        DnsSettings settings = servers(silent.address());
        DnsShim shim = shim(settings.withAnswers(new DnsSettings.Answers(Duration.ofSeconds(30), Duration.ofSeconds(5), 1 << 20, false, 3, 10)));
        TestClient client = start(shim);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> held = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                String name = "held" + i + ".example";
                held.add(clients.submit((Callable<byte[]>) () -> client.udp(name, 1)));
            }
            while (shim.dump().get(10, TimeUnit.SECONDS).waiting() < 3) {
                Thread.onSpinWait();
            }
            assertEquals("REFUSED", Packets.rcode(client.udp("one.too.many.example", 1)));
            assertEquals(1, shim.metrics().get(DnsMetrics.Event.OVER_LIMIT));
            shim.close();
            for (Future<byte[]> reply : held) {
                assertEquals("SERVFAIL", Packets.rcode(reply.get(10, TimeUnit.SECONDS)), "told at the stop, not left waiting");
            }
        }
    }

    @Test
    void cachedAnswersAgeAndExpireAndServeWhenNobodyAnswers() throws Exception {
        AtomicBoolean dead = new AtomicBoolean();
        FakeResolver upstream = resolver((query, tcp, n) -> List.of(
                dead.get() ? Packets.status(query, 2) : Packets.answer(query, 100, "192.0.2." + n)));
        AtomicLong clock = new AtomicLong(1_000_000_000_000L);
        DnsShim shim = new DnsShim(servers(upstream.address()).withListen(DnsShimTest.ANY_PORT), clock::get);
        open.add(shim);
        TestClient client = start(shim);
        assertEquals(List.of("a.example 100 A 192.0.2.1"), Packets.records(client.udp("a.example", 1)));
        clock.addAndGet(TimeUnit.SECONDS.toNanos(40));
        assertEquals(List.of("A.example 60 A 192.0.2.1"), Packets.records(client.udp("A.example", 1)));
        clock.addAndGet(TimeUnit.SECONDS.toNanos(61));
        assertEquals(List.of("a.example 100 A 192.0.2.2"), Packets.records(client.udp("a.example", 1)));
        dead.set(true);
        clock.addAndGet(TimeUnit.SECONDS.toNanos(101));
        byte[] stale = client.udp(Packets.ednsQuery(1, "a.example", 1, 1232, 0));
        assertEquals(List.of("a.example 30 A 192.0.2.2"), Packets.records(stale));
        int answerEnd = 12 + Packets.question(stale).length + 16;
        assertEquals(3, Packets.u16(stale, answerEnd + 15), "extended error: stale answer");
        clock.addAndGet(TimeUnit.HOURS.toNanos(2));
        assertEquals("SERVFAIL", Packets.rcode(client.udp("a.example", 1)), "not for ever");
    }

    @Test
    void whatIsAskedOftenIsFetchedBeforeItExpires() throws Exception {
        FakeResolver upstream = resolver((query, tcp, n) -> List.of(Packets.answer(query, 100, "192.0.2." + n)));
        AtomicLong clock = new AtomicLong();
        DnsShim shim = new DnsShim(servers(upstream.address()).withListen(DnsShimTest.ANY_PORT), clock::get);
        open.add(shim);
        TestClient client = start(shim);
        client.udp("a.example", 1);
        client.udp("a.example", 1);
        upstream.nextQuery();
        clock.addAndGet(TimeUnit.SECONDS.toNanos(95));
        assertEquals(List.of("a.example 5 A 192.0.2.1"), Packets.records(client.udp("a.example", 1)));
        upstream.nextQuery();
        assertEquals(1, shim.metrics().get(DnsMetrics.Event.PREFETCH));
    }

    @Test
    void zonesGoToTheirOwnServers() throws Exception {
        FakeResolver general = resolver((query, tcp, n) -> List.of(Packets.answer(query, 60, "192.0.2.1")));
        FakeResolver corporate = resolver((query, tcp, n) -> List.of(Packets.answer(query, 60, "198.51.100.1")));
        DnsSettings defaults = servers(general.address());
        DnsSettings.Upstream u = defaults.upstream();
        TestClient client = start(shim(defaults.withUpstream(new DnsSettings.Upstream(
                u.servers(), u.search(), u.resolvConf(), u.behindStub(),
                List.of(new DnsSettings.Route("~corp.test.", List.of(corporate.address()))), 0))));
        assertEquals(List.of("a.corp.test 60 A 198.51.100.1"), Packets.records(client.udp("a.corp.test", 1)));
        assertEquals(List.of("a.xcorp.example 60 A 192.0.2.1"), Packets.records(client.udp("a.xcorp.example", 1)));
        assertEquals("NXDOMAIN", Packets.rcode(client.udp("other.test", 1)));
    }

    @Test
    void aPublicNameThatLeadsIntoTheMeshIsFinishedHere() throws Exception {
        FakeResolver upstream = resolver((query, tcp, n) -> List.of(new Packets()
                .header(Packets.u16(query, 0), 0x8180, 1, 2, 0, 0).raw(Packets.question(query))
                .u16(0xC00C).u16(5).u16(1).u32(60).u16(35).name("reviews.DEFAULT.svc.cluster.local")
                .name("reviews.DEFAULT.svc.cluster.local").u16(1).u16(1).u32(60).u16(4).raw(203, 0, 113, 66).bytes()));
        DnsShim shim = shim(servers(upstream.address()));
        TestClient client = start(shim);
        shim.applyTable(List.of(new MeshName(
                "reviews.default.svc.cluster.local", List.of("10.96.0.13"), "Kubernetes", "reviews", "default", List.of()))).get(10, TimeUnit.SECONDS);
        assertEquals(
                List.of("www.example 60 CNAME reviews.DEFAULT.svc.cluster.local", "reviews.DEFAULT.svc.cluster.local 30 A 10.96.0.13"),
                Packets.records(client.udp("www.example", 1)));
    }

    @Test
    void publicNamesWithMeshAddressesAreCountedOrRefused() throws Exception {
        FakeResolver upstream = resolver((query, tcp, n) -> List.of(Packets.answer(query, 60, "240.240.3.4")));
        DnsSettings settings = servers(upstream.address());
        DnsShim counting = shim(settings);
        assertEquals("NOERROR", Packets.rcode(start(counting).udp("evil.example", 1)));
        assertEquals(1, counting.metrics().get(DnsMetrics.Event.REBINDING));
        DnsShim refusing = shim(settings.withAnswers(new DnsSettings.Answers(Duration.ofSeconds(30), Duration.ofSeconds(5), 1 << 20, true, 10, 10)));
        byte[] reply = start(refusing).udp("evil.example", 1);
        assertEquals("SERVFAIL", Packets.rcode(reply));
        assertEquals(0, Packets.u16(reply, 6));
    }

    @Test
    void nonRecursiveQuestionsGetOnlyWhatIsKnown() throws Exception {
        FakeResolver upstream = resolver((query, tcp, n) -> List.of(Packets.answer(query, 60, "192.0.2.1")));
        TestClient client = start(shim(servers(upstream.address())));
        byte[] query = new Packets().header(5, 0, 1, 0, 0, 0).name("a.example").u16(1).u16(1).bytes();
        assertEquals("REFUSED", Packets.rcode(client.udp(query)));
        client.udp("a.example", 1);
        assertEquals("NOERROR", Packets.rcode(client.udp(query)));
    }

    @Test
    void aResolverThatLeadsBackHereIsLeftOut() throws Exception {
        AtomicLong forwarded = new AtomicLong();
        TestClient[] back = new TestClient[1];
        CountDownLatch started = new CountDownLatch(1);
        // A forwarder whose own upstream is the shim.
        try (DatagramSocket relay = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> relayForEver(relay, back, started, forwarded));
            DnsShim shim = shim(servers(new InetSocketAddress(InetAddress.getLoopbackAddress(), relay.getLocalPort())));
            back[0] = start(shim);
            started.countDown();
            while (!shim.dump().get(10, TimeUnit.SECONDS).resolvers().getFirst().resolvers().getFirst().looping()) {
                Thread.onSpinWait();
            }
            assertEquals("SERVFAIL", Packets.rcode(back[0].udp("a.example", 1)));
            assertEquals(1, forwarded.get(), "the probe alone");
        }
    }

    private static void relayForEver(DatagramSocket relay, TestClient[] back, CountDownLatch started, AtomicLong forwarded) {
        try {
            started.await();
            byte[] buffer = new byte[2048];
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                relay.receive(packet);
                forwarded.incrementAndGet();
                byte[] reply = back[0].udp(Arrays.copyOf(buffer, packet.getLength()));
                relay.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
            }
        } catch (IOException | InterruptedException e) {
            return;
        }
    }

    @Test
    void ourselvesAreNeverOurResolver() throws Exception {
        DnsShim first = shim(DnsSettings.defaults());
        InetSocketAddress bound = first.start().getFirst();
        first.close();
        DnsShim shim = new DnsShim(servers(bound).withListen(bound));
        open.add(shim);
        assertEquals("SERVFAIL", Packets.rcode(start(shim).udp("a.example", 1)));
        assertEquals(List.of(), shim.dump().get(10, TimeUnit.SECONDS).resolvers().getFirst().resolvers());
    }

    @Test
    void resolvConfIsReadAgainWhenItChanges(@TempDir Path dir) throws Exception {
        Path conf = dir.resolve("resolv.conf");
        Files.writeString(conf, "nameserver 192.0.2.53\n");
        DnsSettings defaults = DnsSettings.defaults();
        DnsShim shim = shim(defaults.withUpstream(new DnsSettings.Upstream(List.of(), List.of(), conf, dir.resolve("none"), List.of(), 0)));
        start(shim);
        assertEquals("192.0.2.53:53", onlyResolver(shim));
        Files.writeString(conf, "search shop.svc.cluster.local\nnameserver 192.0.2.54\n");
        while (!onlyResolver(shim).equals("192.0.2.54:53")) {
            Thread.onSpinWait();
        }
        while (!shim.dump().get(10, TimeUnit.SECONDS).search().equals(List.of("shop.svc.cluster.local"))) {
            Thread.onSpinWait();
        }
    }

    private static String onlyResolver(DnsShim shim) throws Exception {
        return shim.dump().get(10, TimeUnit.SECONDS).resolvers().getFirst().resolvers().getFirst().address();
    }
}
