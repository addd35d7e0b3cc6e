package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.proxy.connection.DownstreamConnection;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Finds out whether a plaintext client speaks HTTP, from its request line or HTTP/2 preface (envoy.filters.listener.http_inspector): the
 * result takes the place of an offered ALPN. Decides against HTTP on the first byte that rules it out.
 */
public final class HttpInspector implements Inspector {

    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_LINE = 64 * 1024;
    private static final List<byte[]> METHODS = List.of(
                    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE",
                    "LOCK", "UNLOCK", "SEARCH", "BIND", "REBIND", "UNBIND", "ACL", "REPORT", "MKACTIVITY", "CHECKOUT", "MERGE", "NOTIFY",
                    "SUBSCRIBE", "UNSUBSCRIBE", "PURGE", "MKCALENDAR", "LINK", "UNLINK", "SOURCE", "QUERY")
            .stream()
            .map(m -> (m + " ").getBytes(StandardCharsets.US_ASCII))
            .toList();

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
        if (METHODS.stream().noneMatch(m -> begins(seen, m, size))) {
            return Verdict.DONE;
        }
        int end = seen.indexOf(start + searched, start + size, (byte) '\n');
        if (end < 0) {
            searched = size;
            return size > LONGEST_LINE ? Verdict.DONE : Verdict.MORE;
        }
        String line = seen.toString(start, end - start, StandardCharsets.ISO_8859_1).strip();
        if (line.endsWith(" HTTP/1.1")) {
            connection.offeredAlpn(List.of("http/1.1"));
        } else if (line.endsWith(" HTTP/1.0")) {
            connection.offeredAlpn(List.of("http/1.0"));
        }
        return Verdict.DONE;
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
