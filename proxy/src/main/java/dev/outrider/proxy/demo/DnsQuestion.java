package dev.outrider.proxy.demo;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Asks a DNS server for one IPv4 address over UDP, as a machine's resolver would. Blocks its thread. */
final class DnsQuestion {

    private static final int TIMEOUT_MILLIS = 3_000;
    private static final int HEADER = 12;
    private static final int TYPE_A = 1;

    private DnsQuestion() {}

    /** The first address of the answer; empty where there is none. */
    static Optional<String> ask(InetSocketAddress server, String name) throws IOException {
        byte[] question = question(name);
        byte[] reply = new byte[1500];
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(server);
            socket.send(new DatagramPacket(question, question.length));
            DatagramPacket packet = new DatagramPacket(reply, reply.length);
            socket.receive(packet);
            return address(ByteBuffer.wrap(reply, 0, packet.getLength()), question.length);
        }
    }

    private static byte[] question(String name) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {0x4f, 0x52, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
        for (String label : name.split("\\.", -1)) {
            out.write(label.length());
            out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes(new byte[] {0, 0, TYPE_A, 0, 1});
        return out.toByteArray();
    }

    private static Optional<String> address(ByteBuffer reply, int questionEnd) throws IOException {
        int answers = reply.limit() < HEADER ? 0 : reply.getShort(6);
        if (answers == 0 || reply.limit() <= questionEnd) {
            return Optional.empty();
        }
        reply.position(questionEnd);
        for (int i = 0; i < answers; i++) {
            skipName(reply);
            int type = reply.getShort();
            reply.position(reply.position() + 6);
            byte[] data = new byte[reply.getShort()];
            reply.get(data);
            if (type == TYPE_A && data.length == 4) {
                return Optional.of(InetAddress.getByAddress(data).getHostAddress());
            }
        }
        return Optional.empty();
    }

    private static void skipName(ByteBuffer reply) {
        int length = reply.get() & 0xff;
        while (length != 0) {
            if (length >= 0xc0) {
                reply.get();
                return;
            }
            reply.position(reply.position() + length);
            length = reply.get() & 0xff;
        }
    }
}
