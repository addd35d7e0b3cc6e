package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.proxy.connection.DownstreamConnection;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Finds out whether a plaintext client speaks HTTP, from its request line or HTTP/2 preface (envoy.filters.listener.http_inspector): the
 * result takes the place of an offered ALPN. Decides against HTTP on the first byte that rules a
 * method out; what stands in the line otherwise is for the codec to refuse, as with Envoy.
 */
public final class HttpInspector implements Inspector {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_LINE = 64 * 1024;
    private int searched;

    @Override
    public Verdict inspect(ByteBuf seen, DownstreamConnection connection) {
        if (connection.transportProtocol().equals("tls")) {
            return Verdict.DONE;
        }
        int size = seen.readableBytes();
        int start = seen.readerIndex();
        if (begins(seen, PREFACE, size)) {
            if (size < PREFACE.length) {
                return Verdict.MORE;
            }
            connection.offeredAlpn(List.of("h2c"));
            return Verdict.DONE;
        }
        if (!begunByToken(seen, start, size)) {
            return Verdict.DONE;
        }
        int end = seen.indexOf(start + searched, start + size, (byte) '\n');
        if (end < 0) {
            searched = size;
            return size > LONGEST_LINE ? Verdict.DONE : Verdict.MORE;
        }
        String protocol = protocol(seen.toString(start, end - start, StandardCharsets.ISO_8859_1).strip());
        if (!protocol.isEmpty()) {
            connection.offeredAlpn(List.of(protocol));
        }
        return Verdict.DONE;
    }

    /** A method is a token followed by a blank; a byte that cannot stand in one ends the wait. Envoy waits on, which stalls binary protocols. */
    private static boolean begunByToken(ByteBuf seen, int start, int size) {
        for (int i = 0; i < size; i++) {
            byte b = seen.getByte(start + i);
            if (b == ' ') {
                return i > 0;
            }
            boolean alphanumeric = (b >= 'A' && b <= 'Z') || (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9');
            if (!alphanumeric && "!#$%&'*+-.^_`|~".indexOf(b) < 0) {
                return false;
            }
        }
        return true;
    }

    /** "http/1.1", "http/1.0" for every other version and none, as Envoy has it, or "" where the line is no request line. */
    private static String protocol(String line) {
        String[] parts = line.split(" +", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].equals("PRI") || !(parts[1].startsWith("/") || parts[1].equals("*") || parts[1].contains("://"))) {
            return "";
        }
        if (parts.length == 2) {
            return "http/1.0";
        }
        return parts[2].equals("HTTP/1.1") ? "http/1.1" : parts[2].matches("HTTP/[0-9]\\.[0-9]") ? "http/1.0" : "";
    }

    /** Whether as much of {@code wanted} as has come is there. */
    private static boolean begins(ByteBuf seen, byte[] wanted, int size) {
        for (int i = 0; i < Math.min(size, wanted.length); i++) {
            if (seen.getByte(seen.readerIndex() + i) != wanted[i]) {
                return false;
            }
        }
        return true;
    }
}
