package dev.outrider.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** An upstream that does what a script says, over UDP and TCP on one port. Records what it was asked and from which ports. */
final class FakeResolver implements AutoCloseable {

    /** Says what to send back for a query; nothing to stay silent. */
    interface Script {
        List<byte[]> replies(byte[] query, boolean tcp, int number);
    }

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final Script script;
    private final AtomicInteger asked = new AtomicInteger();
    final LinkedBlockingQueue<byte[]> queries = new LinkedBlockingQueue<>();
    final LinkedBlockingQueue<Integer> ports = new LinkedBlockingQueue<>();

    FakeResolver(Script script) {
        this.script = script;
        try {
            InetAddress loopback = InetAddress.getLoopbackAddress();
            tcp = new ServerSocket(0, 50, loopback);
            udp = new DatagramSocket(tcp.getLocalPort(), loopback);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::serveUdp);
        Thread.ofVirtual().start(this::serveTcp);
    }

    /** Answers every name with one address. Probes for loops get NXDOMAIN. */
    static FakeResolver always(String ip) {
        return new FakeResolver((query, tcp, n) -> List.of(Packets.answer(query, 300, ip)));
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), udp.getLocalPort());
    }

    private List<byte[]> ask(byte[] query, boolean overTcp) {
        // The loop probe is not part of any script.
        if (Packets.questionType(query) == 13) {
            return List.of(Packets.status(query, 3));
        }
        queries.add(query);
        return script.replies(query, overTcp, asked.incrementAndGet());
    }

    private void serveUdp() {
        byte[] buffer = new byte[4096];
        try {
            while (true) {
                DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
                udp.receive(packet);
                byte[] query = Arrays.copyOf(buffer, packet.getLength());
                List<byte[]> replies = ask(query, false);
                if (Packets.questionType(query) != 13) {
                    ports.add(packet.getPort());
                }
                for (byte[] reply : replies) {
                    udp.send(new DatagramPacket(reply, reply.length, packet.getSocketAddress()));
                }
            }
        } catch (IOException e) {
            return;
        }
    }

    private void serveTcp() {
        try {
            while (true) {
                Socket client = tcp.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            return;
        }
    }

    private void serve(Socket client) {
        try (client) {
            DataInputStream in = new DataInputStream(client.getInputStream());
            DataOutputStream out = new DataOutputStream(client.getOutputStream());
            while (true) {
                byte[] query = in.readNBytes(in.readUnsignedShort());
                for (byte[] reply : ask(query, true)) {
                    out.writeShort(reply.length);
                    out.write(reply);
                    out.flush();
                }
            }
        } catch (IOException e) {
            return;
        }
    }

    /** Waits for the next question. */
    byte[] nextQuery() throws InterruptedException {
        byte @Nullable [] query = queries.poll(10, TimeUnit.SECONDS);
        if (query == null) {
            throw new AssertionError("the resolver was not asked");
        }
        return query;
    }

    int asked() {
        return asked.get();
    }

    @Override
    public void close() {
        udp.close();
        try {
            tcp.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
