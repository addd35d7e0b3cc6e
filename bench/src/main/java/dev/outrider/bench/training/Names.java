package dev.outrider.bench.training;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Questions to the sidecar's DNS, and the resolver that it asks itself. The caller's thread, and one for the resolver. */
final class Names implements AutoCloseable {

    private static final int SIZE = 1_500;
    private static final int ANSWER_MILLIS = 5_000;
    private static final int A = 1;
    private static final int AAAA = 28;

    /** Answered by the mesh's table, as unknown there, by the resolver. */
    private static final List<String> ASKED = List.of(
            "productpage.default.svc.cluster.local", "reviews.default.svc.cluster.local", "nobody.default.svc.cluster.local", "www.example.com");

    /** An A record of the name at offset 12, 192.0.2.1, for a minute (RFC 1035 §4.1.3, §4.1.4). */
    private static final byte[] RECORD = {(byte) 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, (byte) 192, 0, 2, 1};

    private final DatagramChannel resolver;

    Names() {
        try {
            resolver = DatagramChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofPlatform().name("training-resolver").daemon().start(this::resolve);
    }

    InetSocketAddress resolver() {
        return (InetSocketAddress) resolver.socket().getLocalSocketAddress();
    }

    private void resolve() {
        ByteBuffer packet = ByteBuffer.allocate(SIZE);
        try {
            while (true) {
                packet.clear();
                var from = resolver.receive(packet);
                // A response to a recursive question with one answer, and nothing behind the question.
                packet.putShort(2, (short) 0x8180).putShort(6, (short) 1).putShort(8, (short) 0).putShort(10, (short) 0);
                packet.position(questionEnd(packet)).put(RECORD).flip();
                resolver.send(packet, from);
            }
        } catch (AsynchronousCloseException e) {
            return;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int questionEnd(ByteBuffer packet) {
        int at = 12;
        while (packet.get(at) != 0) {
            at += 1 + packet.get(at);
        }
        return at + 5;
    }

    /** One question after the other, one in a hundred for a name that nobody asked for before. */
    void ask(InetSocketAddress server, double seconds) throws IOException {
        long end = System.nanoTime() + (long) (seconds * 1e9);
        ByteBuffer buffer = ByteBuffer.allocate(SIZE);
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(ANSWER_MILLIS);
            socket.connect(server);
            for (int i = 0; System.nanoTime() < end; i++) {
                String name = i % 100 == 0 ? "n" + i + ".example.com" : ASKED.get(i % ASKED.size());
                socket.send(new DatagramPacket(buffer.array(), question(buffer, i, name, i % 7 == 0 ? AAAA : A).limit()));
                socket.receive(new DatagramPacket(buffer.array(), SIZE));
                if (buffer.getShort(0) != (short) i) {
                    throw new IOException("DNS on " + server + " answered another question than " + name);
                }
            }
        }
    }

    private static ByteBuffer question(ByteBuffer packet, int id, String name, int type) {
        packet.clear().putShort((short) id).putShort((short) 0x0100).putShort((short) 1).putShort((short) 0).putInt(0);
        for (String label : name.split("\\.", -1)) {
            packet.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
        }
        return packet.put((byte) 0).putShort((short) type).putShort((short) 1).flip();
    }

    @Override
    public void close() throws IOException {
        resolver.close();
    }
}
