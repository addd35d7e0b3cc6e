package dev.outrider.dns;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** Asks like a stub resolver: blocking, one question, UDP or TCP. */
final class TestClient {

    private final InetSocketAddress server;

    TestClient(InetSocketAddress server) {
        this.server = server;
    }

    InetSocketAddress server() {
        return server;
    }

    byte[] udp(byte[] query) throws IOException {
        try (DatagramSocket socket = new DatagramSocket()) {
            socket.setSoTimeout(10_000);
            socket.send(new DatagramPacket(query, query.length, server));
            byte[] buffer = new byte[65_535];
            DatagramPacket reply = new DatagramPacket(buffer, buffer.length);
            socket.receive(reply);
            return Arrays.copyOf(buffer, reply.getLength());
        }
    }

    byte[] udp(String name, int type) throws IOException {
        return udp(Packets.query(4711, name, type));
    }

    byte[] tcp(byte[] query) throws IOException {
        try (Socket socket = open()) {
            socket.getOutputStream().write(frame(query));
            return readFrame(socket);
        }
    }

    byte[] tcp(String name, int type) throws IOException {
        return tcp(Packets.query(4712, name, type));
    }

    Socket open() throws IOException {
        Socket socket = new Socket(server.getAddress(), server.getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    static byte[] frame(byte[] message) {
        return ByteBuffer.allocate(message.length + 2).putShort((short) message.length).put(message).array();
    }

    static byte[] readFrame(Socket socket) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        byte[] message = new byte[in.readUnsignedShort()];
        in.readFully(message);
        return message;
    }
}
