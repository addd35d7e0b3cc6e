package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.RequestHead.Protocol;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link RequestHead} of the bytes of one complete head (RFC 9112 §3 to §6, with Envoy's refusals). Results are fields, valid until
 * the next call.
 */
final class RequestParser {

    private static final HeaderName HTTP2_SETTINGS = HeaderName.of("http2-settings");

    /** What Envoy's parser takes; anything else is 400. */
    private static final String[] METHODS = {
        "GET", "POST", "PUT", "HEAD", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE", "ACL", "BIND", "CHECKOUT", "COPY", "LINK", "LOCK",
        "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MOVE", "MSEARCH", "NOTIFY", "PROPFIND", "PROPPATCH", "PURGE", "REBIND", "REPORT",
        "SEARCH", "SOURCE", "SUBSCRIBE", "UNBIND", "UNLINK", "UNLOCK", "UNSUBSCRIBE"
    };

    private final Http1Settings settings;
    private final FieldParser fields;
    private final LastText lastAuthority = new LastText();
    private final LastText lastPath = new LastText();

    BodyDecoder.Mode body = BodyDecoder.Mode.NONE;
    long contentLength;
    boolean keepAlive;
    boolean http10;
    boolean expectContinue;
    String upgrade = "";
    /** 0 = accepted. */
    int refusal;
    String details = "";

    private int methodTo;
    private int targetFrom;
    private int targetTo;
    private int fieldsFrom;
    private String method = "";
    private String authority = "";
    private String path = "";

    RequestParser(Http1Settings settings, FieldParser fields) {
        this.settings = settings;
        this.fields = fields;
    }

    boolean parse(byte[] b, int length, RequestHead head) {
        refusal = 0;
        details = "";
        upgrade = "";
        authority = "";
        path = "";
        return requestLine(b)
                && fields(b, length, head)
                && framing()
                && target(b)
                && upgrade(b)
                && finish(head);
    }

    /** Whether the head was refused for what it asks, not for how it is written: then it is known well enough to be logged. */
    boolean describesRefused(byte[] b, RequestHead head) {
        if (!details.equals(Details.MISSING_HOST) && !details.equals(Details.UPGRADE_FAILED) && !details.equals(Details.ABSOLUTE_PATH)) {
            return false;
        }
        head.path(path.isEmpty() ? new String(b, targetFrom, targetTo - targetFrom, StandardCharsets.ISO_8859_1) : path);
        head.authority(authority);
        if (details.equals(Details.MISSING_HOST)) {
            head.scheme("");
        }
        return true;
    }

    private boolean refuse(int status, String why) {
        refusal = status;
        details = why;
        return false;
    }

    private boolean bad(String why) {
        return refuse(400, why);
    }

    // ---- request line

    /**
     * Checks a request line, with its LF, before the fields are there: what it is refused for, it is refused for at once, as by Envoy. Sets
     * {@link #refusal}.
     */
    boolean acceptsLine(byte[] b) {
        refusal = 0;
        return requestLine(b);
    }

    private boolean requestLine(byte[] b) {
        int at = 0;
        while (Octets.TOKEN[b[at] & 0xff] != 0) {
            at++;
        }
        methodTo = at;
        if (at == 0 || !Octets.blank(b[at])) {
            return malformed(b[at]);
        }
        while (Octets.blank(b[at])) {
            at++;
        }
        targetFrom = at;
        while (b[at] > 0x20 && b[at] != 0x7f) {
            at++;
        }
        targetTo = at;
        // An empty target is no request without version.
        if (at > targetFrom && targetFrom == methodTo + 1 && (b[at] == '\n' || b[at] == '\r' && b[at + 1] == '\n') && known(b, methodTo) != null) {
            return refuse(426, Details.LOW_VERSION);
        }
        if (at == targetFrom || !Octets.blank(b[at])) {
            return malformed(b[at]);
        }
        while (Octets.blank(b[at])) {
            at++;
        }
        int versionFrom = at;
        while (b[at] > 0x20 && b[at] != 0x7f) {
            at++;
        }
        int versionTo = at;
        while (Octets.blank(b[at])) {
            at++;
        }
        if (b[at] == '\r') {
            at++;
        }
        if (b[at] != '\n') {
            return malformed(b[at]);
        }
        fieldsFrom = at + 1;
        String known = known(b, methodTo);
        return known != null ? version(b, versionFrom, versionTo, known) : bad(Details.CODEC_ERROR);
    }

    private boolean malformed(byte c) {
        return bad(Octets.control(c) && c != '\r' && c != '\n' ? Details.INVALID_CHARACTERS : Details.CODEC_ERROR);
    }

    private static @Nullable String known(byte[] b, int to) {
        for (String method : METHODS) {
            if (Octets.equals(b, 0, to, method)) {
                return method;
            }
        }
        return null;
    }

    private boolean version(byte[] b, int from, int to, String known) {
        method = known;
        if (to - from != 8 || !Octets.equals(b, from, from + 5, "HTTP/") || b[from + 6] != '.' || !digit(b[from + 5]) || !digit(b[from + 7])) {
            return bad(Details.CODEC_ERROR);
        }
        boolean one = b[from + 5] == '1';
        http10 = one && b[from + 7] == '0';
        if (one && b[from + 7] == '1' || http10 && settings.acceptHttp10()) {
            return true;
        }
        return refuse(426, Details.LOW_VERSION);
    }

    private static boolean digit(byte c) {
        return c >= '0' && c <= '9';
    }

    // ---- fields

    private boolean fields(byte[] b, int length, RequestHead head) {
        head.reset(method, "", "", settings.scheme(), http10 ? Protocol.HTTP_1_0 : Protocol.HTTP_1_1);
        String error = fields.parse(b, fieldsFrom, length, head.headers());
        head.fieldBytes(fields.bytes);
        if (error != null) {
            return refuse(error.equals(Details.TOO_MANY_HEADERS) ? 431 : 400, error);
        }
        if (fields.hosts > 1) {
            return bad(Details.CODEC_ERROR);
        }
        if (fields.hosts == 0 && http10 && !settings.defaultHostForHttp10().isEmpty()) {
            authority = settings.defaultHostForHttp10();
        } else if (fields.hosts == 1) {
            if (!Octets.authority(b, fields.hostFrom, fields.hostTo)) {
                return bad(Details.INVALID_AUTHORITY);
            }
            authority = lastAuthority.text(b, fields.hostFrom, fields.hostTo);
        }
        return true;
    }

    private boolean framing() {
        contentLength = fields.contentLength;
        body = contentLength > 0 ? BodyDecoder.Mode.LENGTH : BodyDecoder.Mode.NONE;
        if (fields.encodings > 0) {
            if (fields.chunked && contentLength >= 0 && !settings.allowChunkedLength()) {
                return bad(Details.CHUNKED_LENGTH);
            }
            if (!fields.chunked || method.equals("CONNECT")) {
                return refuse(501, Details.INVALID_TRANSFER_ENCODING);
            }
            body = BodyDecoder.Mode.CHUNKED;
        }
        keepAlive = !fields.close && (!http10 || fields.keepAlive);
        expectContinue = fields.expectContinue && !http10;
        return true;
    }

    // ---- target (RFC 9112 §3.2)

    private boolean target(byte[] b) {
        if (method.equals("CONNECT")) {
            return refuse(403, Details.UPGRADE_FAILED);
        }
        if (b[targetFrom] == '/') {
            path = lastPath.text(b, targetFrom, targetTo);
        } else if (targetTo - targetFrom == 1 && b[targetFrom] == '*') {
            return method.equals("OPTIONS") ? refuse(404, Details.ABSOLUTE_PATH) : bad(Details.INVALID_URL);
        } else if (!absolute(b)) {
            return false;
        }
        if (fields.hosts == 0 && authority.isEmpty()) {
            return bad(Details.MISSING_HOST);
        }
        return true;
    }

    private boolean absolute(byte[] b) {
        int at = targetFrom;
        while (at < targetTo && b[at] != ':') {
            at++;
        }
        boolean known = Octets.equalsIgnoreCase(b, targetFrom, at, "http") || Octets.equalsIgnoreCase(b, targetFrom, at, "https");
        if (!known || at + 2 >= targetTo || b[at + 1] != '/' || b[at + 2] != '/') {
            return bad(Details.INVALID_URL);
        }
        if (!settings.allowAbsoluteUrl()) {
            return refuse(404, Details.ABSOLUTE_PATH);
        }
        int from = at + 3;
        int to = from;
        while (to < targetTo && b[to] != '/' && b[to] != '?' && b[to] != '#') {
            if (b[to] == '@') {
                from = to + 1;
            }
            to++;
        }
        if (from == to) {
            return bad(Details.INVALID_URL);
        }
        if (!Octets.authority(b, from, to)) {
            return bad(Details.INVALID_AUTHORITY);
        }
        if (to < targetTo && b[to] == '#') {
            return bad(Details.INVALID_URL);
        }
        // Without a slash the path is what follows the authority; the connection manager refuses it as not absolute.
        authority = lastAuthority.text(b, from, to);
        path = to == targetTo ? "/" : lastPath.text(b, to, targetTo);
        return true;
    }

    // ---- upgrade

    private boolean upgrade(byte[] b) {
        if (!fields.connectionUpgrade || fields.upgradeTo == 0) {
            return true;
        }
        String token = Octets.lowerText(b, fields.upgradeFrom, fields.upgradeTo);
        if (token.equals("h2c") || http10) {
            return true;
        }
        if (!settings.upgradeTypes().contains(token)) {
            return refuse(403, Details.UPGRADE_FAILED);
        }
        if (body != BodyDecoder.Mode.NONE) {
            return bad(Details.BODY_DISALLOWED);
        }
        upgrade = token;
        return true;
    }

    private boolean finish(RequestHead head) {
        fields.finish(head.headers(), settings.proxy100Continue());
        if (fields.encodings > 0 && contentLength >= 0) {
            head.headers().remove(HeaderName.CONTENT_LENGTH);
        }
        if (fields.connectionUpgrade && fields.upgradeTo > 0) {
            head.headers().remove(HTTP2_SETTINGS);
        }
        head.path(path);
        head.authority(authority);
        head.upgrade(upgrade);
        return true;
    }
}
