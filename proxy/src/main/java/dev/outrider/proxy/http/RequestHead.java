package dev.outrider.proxy.http;

/**
 * A request line (or pseudo header fields) and its fields. {@code host} is not among the fields: it is {@link #authority()}; the HTTP/1
 * writer puts it back first. Framing fields (content-length, transfer-encoding) are among the fields only where the codec keeps them:
 * content-length is, transfer-encoding and connection never are. Reused per connection (HTTP/1) or stream (HTTP/2); loop-confined.
 */
public final class RequestHead {

    private final Headers headers = new Headers();
    private String method = "";
    private String path = "";
    private String authority = "";
    private String scheme = "http";
    private Protocol protocol = Protocol.HTTP_1_1;
    private String upgrade = "";
    private long fieldBytes = -1;

    public enum Protocol {
        HTTP_1_0("HTTP/1.0"),
        HTTP_1_1("HTTP/1.1"),
        HTTP_2("HTTP/2");

        private final String text;

        Protocol(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }

    /** Sets the line; fields are cleared. */
    public void reset(String newMethod, String newPath, String newAuthority, String newScheme, Protocol newProtocol) {
        headers.clear();
        method = newMethod;
        path = newPath;
        authority = newAuthority;
        scheme = newScheme;
        protocol = newProtocol;
        upgrade = "";
        fieldBytes = -1;
    }

    public Headers headers() {
        return headers;
    }

    public String method() {
        return method;
    }

    /** Path with query, empty for CONNECT. */
    public String path() {
        return path;
    }

    /** Host with port if any; empty only where an empty Host was sent. */
    public String authority() {
        return authority;
    }

    /** "http" or "https": of the downstream connection, or what x-forwarded-proto or :scheme says. */
    public String scheme() {
        return scheme;
    }

    /** How it came in. */
    public Protocol protocol() {
        return protocol;
    }

    /** Lower-case upgrade token ("websocket") where the request asks for an upgrade that the listener allows, else empty. */
    public String upgrade() {
        return upgrade;
    }

    /** What its fields took on the wire, each as name, value and three bytes (as Envoy counts); Host is one of them. */
    public long fieldBytes() {
        return fieldBytes >= 0 ? fieldBytes : 7L + headers.byteLength() - headers.size() + authority.length();
    }

    /** Told by a codec that does not keep every field. */
    public void fieldBytes(long value) {
        fieldBytes = value;
    }

    public void method(String value) {
        method = value;
    }

    public void path(String value) {
        path = value;
    }

    public void authority(String value) {
        authority = value;
    }

    public void scheme(String value) {
        scheme = value;
    }

    public void upgrade(String value) {
        upgrade = value;
    }

    /** Copies everything, for retries and mirrors. */
    public void copyFrom(RequestHead other) {
        reset(other.method, other.path, other.authority, other.scheme, other.protocol);
        upgrade = other.upgrade;
        fieldBytes = other.fieldBytes;
        headers.copyFrom(other.headers);
    }
}
