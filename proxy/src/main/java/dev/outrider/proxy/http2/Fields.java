package dev.outrider.proxy.http2;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Field sections between Netty's form and ours. What comes in is checked so that it can be written as HTTP/1 lines: token names, no control
 * characters in values (RFC 9113 §8.2.1). One per connection.
 */
final class Fields {

    enum Outcome { GOOD, MALFORMED, TOO_MANY }

    private static final AsciiString CONNECT = AsciiString.cached("CONNECT");
    private static final AsciiString PROTOCOL = AsciiString.cached(":protocol");

    private final int maxFields;
    private byte[] scratch = new byte[256];
    /** The host field of the last section, null = none. */
    @Nullable String host;

    Fields(int maxFields) {
        this.maxFields = maxFields;
    }

    /** Appends all regular fields; cookie crumbs become one field (RFC 9113 §8.2.3). */
    Outcome read(Http2Headers from, Headers into, boolean trailers) {
        host = null;
        int count = 0;
        StringBuilder cookies = null;
        for (Map.Entry<CharSequence, CharSequence> field : from) {
            AsciiString name = AsciiString.of(field.getKey());
            AsciiString value = AsciiString.of(field.getValue());
            if (!name.isEmpty() && name.byteAt(0) == ':') {
                if (trailers) {
                    return Outcome.MALFORMED;
                }
                continue;
            }
            if (++count > maxFields) {
                return Outcome.TOO_MANY;
            }
            int nameLength = name.length();
            int valueLength = value.length();
            if (nameLength + valueLength > scratch.length) {
                scratch = new byte[Math.max(nameLength + valueLength, scratch.length * 2)];
            }
            System.arraycopy(name.array(), name.arrayOffset(), scratch, 0, nameLength);
            System.arraycopy(value.array(), value.arrayOffset(), scratch, nameLength, valueLength);
            if (!valid(nameLength, nameLength + valueLength)) {
                return Outcome.MALFORMED;
            }
            if (name.contentEquals("cookie")) {
                cookies = cookies == null ? new StringBuilder(value) : cookies.append("; ").append(value);
            } else if (name.contentEquals("host")) {
                if (host != null) {
                    return Outcome.MALFORMED;
                }
                host = value.toString();
            } else {
                int start = nameLength;
                int end = nameLength + valueLength;
                while (start < end && (scratch[start] == ' ' || scratch[start] == '\t')) {
                    start++;
                }
                while (end > start && (scratch[end - 1] == ' ' || scratch[end - 1] == '\t')) {
                    end--;
                }
                into.add(scratch, 0, nameLength, start, end - start);
            }
        }
        if (cookies != null) {
            into.add(HeaderName.COOKIE, cookies);
        }
        return Outcome.GOOD;
    }

    private boolean valid(int nameLength, int end) {
        if (nameLength == 0) {
            return false;
        }
        for (int i = 0; i < nameLength; i++) {
            byte c = scratch[i];
            if (c <= ' ' || c == 0x7f || c >= 'A' && c <= 'Z' || "\"(),/:;<=>?@[\\]{}".indexOf(c) >= 0) {
                return false;
            }
        }
        for (int i = nameLength; i < end; i++) {
            byte c = scratch[i];
            if (c >= 0 && c < ' ' && c != '\t' || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    /** Whether a pseudo field may become part of a start line. */
    static boolean startLineSafe(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c <= ' ' || c >= 0x7f) {
                return false;
            }
        }
        return true;
    }

    static Http2Headers response(AsciiString status, Headers headers) {
        return ReadOnlyHttp2Headers.serverHeaders(false, status, pairs(headers));
    }

    static Http2Headers request(RequestHead head) {
        var method = new AsciiString(head.method());
        var authority = new AsciiString(head.authority());
        if (head.method().equals("CONNECT")) {
            Http2Headers connect = new DefaultHttp2Headers(false).method(method).authority(authority);
            AsciiString[] pairs = pairs(head.headers());
            for (int i = 0; i < pairs.length; i += 2) {
                connect.add(pairs[i], pairs[i + 1]);
            }
            return connect;
        }
        if (!head.upgrade().isEmpty()) {
            // Extended CONNECT (RFC 8441 §4). As Envoy, without waiting for the peer's SETTINGS: allow_connect there is configuration here.
            return ReadOnlyHttp2Headers.clientHeaders(
                    false, CONNECT, new AsciiString(head.path()), new AsciiString(head.scheme()), authority,
                    pairs(head.headers(), PROTOCOL, new AsciiString(head.upgrade())));
        }
        return ReadOnlyHttp2Headers.clientHeaders(
                false, method, new AsciiString(head.path()), new AsciiString(head.scheme()), authority, pairs(head.headers()));
    }

    static Http2Headers trailers(Headers headers) {
        return ReadOnlyHttp2Headers.trailers(false, pairs(headers));
    }

    /** {@code first}: a name and a value that go before the fields, or nothing. */
    private static AsciiString[] pairs(Headers headers, AsciiString... first) {
        AsciiString[] pairs = Arrays.copyOf(first, first.length + headers.size() * 2);
        byte[] bytes = headers.array();
        KnownTexts known = KnownTexts.ofLoop();
        int at = first.length;
        for (int slot = 0; slot < headers.slots(); slot++) {
            if (headers.isLive(slot)) {
                pairs[at++] = known.of(bytes, headers.nameStart(slot), headers.nameLength(slot));
                pairs[at++] = known.of(bytes, headers.valueStart(slot), headers.valueLength(slot));
            }
        }
        return pairs;
    }
}
