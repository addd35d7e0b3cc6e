package dev.outrider.proxy.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** One request to the admin endpoint over plain sockets: HTTP/1.1 as the sidecar speaks it, one answer, closed. */
final class AdminConnection {

    private static final int MOST_BYTES = 64 << 20;

    private AdminConnection() {}

    record Answer(int status, String body) {}

    /** {@code /run/outrider/admin.sock} or {@code 127.0.0.1:15000}. Throws IllegalArgumentException. */
    static SocketAddress address(String text) {
        if (text.startsWith("/")) {
            return UnixDomainSocketAddress.of(Path.of(text));
        }
        int colon = text.lastIndexOf(':');
        if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,5}")) {
            throw new IllegalArgumentException("'" + text + "' is neither ADDR:PORT nor the path of a socket");
        }
        String host = text.substring(0, colon).replaceAll("^\\[|]$", "");
        InetAddress ip = host.equals("localhost") ? InetAddress.getLoopbackAddress() : InetAddress.ofLiteral(host);
        return new InetSocketAddress(ip, Integer.parseInt(text.substring(colon + 1)));
    }

    /** Throws IOException when nobody answers within the time. */
    static Answer ask(SocketAddress address, String method, String target, int millis) throws IOException {
        AtomicBoolean late = new AtomicBoolean();
        CountDownLatch over = new CountDownLatch(1);
        try (SocketChannel channel = address instanceof UnixDomainSocketAddress ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open()) {
            // Reads of a channel have no time-out of their own.
            Thread.ofPlatform().daemon().start(() -> closeUnless(over, channel, millis, late));
            channel.connect(address);
            String request = method + " " + target + " HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            ByteBuffer out = ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII));
            while (out.hasRemaining()) {
                channel.write(out);
            }
            return read(channel);
        } catch (ClosedChannelException e) {
            throw late.get() ? new SocketTimeoutException("no answer within " + millis / 1000 + " s") : e;
        } finally {
            over.countDown();
        }
    }

    private static void closeUnless(CountDownLatch over, SocketChannel channel, int millis, AtomicBoolean late) {
        try {
            if (!over.await(millis, TimeUnit.MILLISECONDS)) {
                late.set(true);
                channel.close();
            }
        } catch (InterruptedException | IOException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Answer read(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer buffer = ByteBuffer.allocate(16 * 1024);
        while (channel.read(buffer) >= 0 && all.size() < MOST_BYTES) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
        }
        String text = all.toString(StandardCharsets.UTF_8);
        int head = text.indexOf("\r\n\r\n");
        if (head < 0 || !text.startsWith("HTTP/1.1 ")) {
            throw new IOException("what answers there is no admin endpoint");
        }
        return new Answer(Integer.parseInt(text.substring(9, 12)), text.substring(head + 4));
    }
}
