package dev.outrider.proxy.datapath.filterchain;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The two extensions of a ClientHello that chains are matched by (RFC 6066 §3, RFC 7301 §3.1). */
record ClientHello(String sni, List<String> alpn) {

    private static final int SERVER_NAME = 0;
    private static final int ALPN = 16;

    /** Parses the message's body; null where it is malformed. */
    static @Nullable ClientHello parse(byte[] bytes, int from, int to) {
        var in = new Reader(bytes, from, to);
        in.skip(2 + 32);
        in.skip(in.number(1));
        in.skip(in.number(2));
        in.skip(in.number(1));
        String sni = "";
        List<String> alpn = List.of();
        if (in.left() > 0) {
            Reader extensions = in.part(in.number(2));
            while (extensions.left() > 0) {
                int type = extensions.number(2);
                Reader body = extensions.part(extensions.number(2));
                if (type == SERVER_NAME) {
                    sni = serverName(body);
                } else if (type == ALPN) {
                    alpn = protocols(body);
                }
                in.broken |= body.broken;
            }
            in.broken |= extensions.broken;
        }
        return in.broken ? null : new ClientHello(sni, alpn);
    }

    private static String serverName(Reader body) {
        Reader list = body.part(body.number(2));
        while (list.left() > 0) {
            int type = list.number(1);
            Reader name = list.part(list.number(2));
            if (type == 0 && !name.broken) {
                return name.text().toLowerCase(Locale.ROOT);
            }
        }
        body.broken |= list.broken;
        return "";
    }

    private static List<String> protocols(Reader body) {
        List<String> all = new ArrayList<>();
        Reader list = body.part(body.number(2));
        while (list.left() > 0) {
            Reader name = list.part(list.number(1));
            all.add(name.text());
        }
        body.broken |= list.broken;
        return List.copyOf(all);
    }

    /** Reads within bounds; past the end everything is zero and {@code broken} says so. */
    private static final class Reader {
        private final byte[] bytes;
        private final int end;
        private int at;
        boolean broken;

        Reader(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.at = from;
            this.end = to;
        }

        int left() {
            return broken ? 0 : end - at;
        }

        int number(int size) {
            if (left() < size) {
                broken = true;
                return 0;
            }
            int value = 0;
            for (int i = 0; i < size; i++) {
                value = value << 8 | bytes[at++] & 0xff;
            }
            return value;
        }

        void skip(int size) {
            if (left() < size) {
                broken = true;
            } else {
                at += size;
            }
        }

        Reader part(int size) {
            int start = at;
            skip(size);
            return new Reader(bytes, start, broken ? start : at);
        }

        String text() {
            return new String(bytes, at, end - at, StandardCharsets.ISO_8859_1);
        }
    }
}
