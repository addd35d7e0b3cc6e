package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.proxy.connection.DownstreamConnection;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Finds out whether a client speaks TLS and what its ClientHello asks for (RFC 8446 §4.1.2; envoy.filters.listener.tls_inspector). The
 * message may come in any number of reads and records; each byte is looked at once, memory grows with what came, not with what was
 * announced, and a ClientHello over 16 KiB is refused. Anything else than TLS is raw bytes.
 */
public final class TlsInspector implements Inspector {

    static final int LONGEST_HELLO = 16 * 1024;
    private static final int HANDSHAKE = 22;
    private static final int CLIENT_HELLO = 1;
    private static final int RECORD_HEADER = 5;
    private static final int MESSAGE_HEADER = 4;

    private byte[] hello = new byte[512];
    private int helloSize;
    private int consumed;
    private final byte[] header = new byte[RECORD_HEADER];
    private int headerSize;
    private int recordLeft;

    @Override
    public Verdict inspect(ByteBuf seen, DownstreamConnection connection) {
        while (consumed < seen.readableBytes()) {
            int at = seen.readerIndex() + consumed;
            if (recordLeft == 0) {
                consumed++;
                header[headerSize++] = seen.getByte(at);
                if (!mayBeRecord()) {
                    return notTls(connection);
                }
                if (headerSize == RECORD_HEADER) {
                    recordLeft = (header[3] & 0xff) << 8 | header[4] & 0xff;
                    headerSize = 0;
                }
                continue;
            }
            int size = Math.min(recordLeft, seen.readableBytes() - consumed);
            append(seen, at, size);
            consumed += size;
            recordLeft -= size;
            if (helloSize > 0 && hello[0] != CLIENT_HELLO) {
                return notTls(connection);
            }
            if (helloSize >= MESSAGE_HEADER) {
                int length = (hello[1] & 0xff) << 16 | (hello[2] & 0xff) << 8 | hello[3] & 0xff;
                if (length > LONGEST_HELLO) {
                    return Verdict.REFUSED;
                }
                if (helloSize >= MESSAGE_HEADER + length) {
                    return read(length, connection);
                }
            }
        }
        return Verdict.MORE;
    }

    /** Type 22, version 3.x, and not empty: RFC 8446 §5.1 forbids empty handshake fragments. */
    private boolean mayBeRecord() {
        return header[0] == HANDSHAKE
                && (headerSize < 2 || header[1] == 3)
                && (headerSize < RECORD_HEADER || header[3] != 0 || header[4] != 0);
    }

    private void append(ByteBuf seen, int at, int size) {
        int room = Math.min(size, LONGEST_HELLO + MESSAGE_HEADER - helloSize);
        if (helloSize + room > hello.length) {
            hello = Arrays.copyOf(hello, Math.max(helloSize + room, hello.length * 2));
        }
        seen.getBytes(at, hello, helloSize, room);
        helloSize += room;
    }

    private static Verdict notTls(DownstreamConnection connection) {
        connection.transportProtocol("raw_buffer");
        return Verdict.DONE;
    }

    private Verdict read(int length, DownstreamConnection connection) {
        ClientHello found = ClientHello.parse(hello, MESSAGE_HEADER, MESSAGE_HEADER + length);
        if (found == null) {
            return notTls(connection);
        }
        connection.transportProtocol("tls");
        connection.sni(found.sni());
        connection.offeredAlpn(found.alpn());
        return Verdict.DONE;
    }
}
