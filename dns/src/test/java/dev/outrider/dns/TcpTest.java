package dev.outrider.dns;

import dev.outrider.dns.query.DnsMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Connections: pipelining, replies out of order, and every limit. */
class TcpTest {

    private static DnsShim shim(FakeResolver upstream) {
        return new DnsShim(DnsSettings.defaults().withListen(DnsShimTest.ANY_PORT).withServers(upstream.address()));
    }

    @Test
    void aSlowAnswerDoesNotHoldBackALaterOne() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        try (FakeResolver upstream = new FakeResolver((query, tcp, n) -> {
            try {
                assertTrue(release.await(10, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return List.of(Packets.answer(query, 60, "192.0.2.1"));
        }); DnsShim shim = shim(upstream)) {
            TestClient client = new TestClient(shim.start().getFirst());
            try (Socket socket = client.open()) {
                ByteArrayOutputStream both = new ByteArrayOutputStream();
                both.writeBytes(TestClient.frame(Packets.query(1, "slow.example", 1)));
                both.writeBytes(TestClient.frame(Packets.query(2, "localhost", 1)));
                socket.getOutputStream().write(both.toByteArray());
                assertEquals(2, Packets.u16(TestClient.readFrame(socket), 0));
                release.countDown();
                assertEquals(1, Packets.u16(TestClient.readFrame(socket), 0));
            }
        }
    }

    @Test
    void bytesMayComeOneAtATimeAndTheClientMayCloseItsSideEarly() throws Exception {
        try (FakeResolver upstream = FakeResolver.always("192.0.2.1"); DnsShim shim = shim(upstream)) {
            TestClient client = new TestClient(shim.start().getFirst());
            try (Socket socket = client.open()) {
                socket.setTcpNoDelay(true);
                for (byte b : TestClient.frame(Packets.query(1, "www.example", 1))) {
                    socket.getOutputStream().write(b);
                }
                socket.shutdownOutput();
                assertEquals(1, Packets.u16(TestClient.readFrame(socket), 0));
                assertEquals(-1, socket.getInputStream().read(), "closed after the last reply");
            }
        }
    }

    @Test
    void aConnectionCarriesAHundredQuestions() throws Exception {
        try (FakeResolver upstream = FakeResolver.always("192.0.2.1"); DnsShim shim = shim(upstream)) {
            TestClient client = new TestClient(shim.start().getFirst());
            try (Socket socket = client.open()) {
                ByteArrayOutputStream all = new ByteArrayOutputStream();
                for (int i = 0; i < 100; i++) {
                    all.writeBytes(TestClient.frame(Packets.query(i, "localhost", 1)));
                }
                socket.getOutputStream().write(all.toByteArray());
                Set<Integer> ids = new HashSet<>();
                for (int i = 0; i < 100; i++) {
                    ids.add(Packets.u16(TestClient.readFrame(socket), 0));
                }
                assertEquals(100, ids.size());
                assertEquals(-1, socket.getInputStream().read());
            }
        }
    }

    @Test
    void aDrippedMessageIsCutOffAfterTwoSeconds() throws Exception {
        try (FakeResolver upstream = FakeResolver.always("192.0.2.1"); DnsShim shim = shim(upstream)) {
            TestClient client = new TestClient(shim.start().getFirst());
            try (Socket socket = client.open()) {
                socket.getOutputStream().write(new byte[] {0, 40, 1});
                assertEquals(-1, socket.getInputStream().read());
            }
        }
    }

    @Test
    void impossibleLengthsCloseAtOnce() throws Exception {
        try (FakeResolver upstream = FakeResolver.always("192.0.2.1"); DnsShim shim = shim(upstream)) {
            TestClient client = new TestClient(shim.start().getFirst());
            for (byte[] length : List.of(new byte[] {0, 0}, new byte[] {0, 11}, new byte[] {(byte) 0xFF, (byte) 0xFF})) {
                try (Socket socket = client.open()) {
                    socket.getOutputStream().write(length);
                    assertEquals(-1, socket.getInputStream().read());
                }
            }
        }
    }

    @Test
    void aPeerHasSixtyFourConnections() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try (FakeResolver upstream = FakeResolver.always("192.0.2.1"); DnsShim shim = shim(upstream)) {
            TestClient client = new TestClient(shim.start().getFirst());
            for (int i = 0; i < 64; i++) {
                Socket socket = client.open();
                sockets.add(socket);
                socket.getOutputStream().write(TestClient.frame(Packets.query(i, "localhost", 1)));
                TestClient.readFrame(socket);
            }
            try (Socket oneMore = client.open()) {
                assertEquals(-1, readOrReset(oneMore));
            }
            assertEquals(1, shim.metrics().get(DnsMetrics.Event.TCP_REFUSED));
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static int readOrReset(Socket socket) {
        try {
            return socket.getInputStream().read();
        } catch (IOException e) {
            return -1;
        }
    }
}
