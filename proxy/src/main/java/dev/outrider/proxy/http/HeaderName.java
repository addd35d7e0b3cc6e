package dev.outrider.proxy.http;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A lower-case field name with its bytes and hash, made once and used for every look-up. Immutable. */
public final class HeaderName {

    public static final HeaderName HOST = of("host");
    public static final HeaderName CONNECTION = of("connection");
    public static final HeaderName CONTENT_LENGTH = of("content-length");
    public static final HeaderName CONTENT_TYPE = of("content-type");
    public static final HeaderName TRANSFER_ENCODING = of("transfer-encoding");
    public static final HeaderName TE = of("te");
    public static final HeaderName UPGRADE = of("upgrade");
    public static final HeaderName KEEP_ALIVE = of("keep-alive");
    public static final HeaderName PROXY_CONNECTION = of("proxy-connection");
    public static final HeaderName EXPECT = of("expect");
    public static final HeaderName TRAILER = of("trailer");
    public static final HeaderName DATE = of("date");
    public static final HeaderName SERVER = of("server");
    public static final HeaderName LOCATION = of("location");
    public static final HeaderName COOKIE = of("cookie");
    public static final HeaderName ORIGIN = of("origin");
    public static final HeaderName USER_AGENT = of("user-agent");
    public static final HeaderName GRPC_STATUS = of("grpc-status");
    public static final HeaderName GRPC_MESSAGE = of("grpc-message");
    public static final HeaderName GRPC_TIMEOUT = of("grpc-timeout");
    public static final HeaderName X_REQUEST_ID = of("x-request-id");
    public static final HeaderName X_FORWARDED_FOR = of("x-forwarded-for");
    public static final HeaderName X_FORWARDED_PROTO = of("x-forwarded-proto");
    public static final HeaderName X_FORWARDED_HOST = of("x-forwarded-host");
    public static final HeaderName X_FORWARDED_CLIENT_CERT = of("x-forwarded-client-cert");

    private final String name;
    private final byte[] bytes;
    private final int hash;

    private HeaderName(String name) {
        this.name = name;
        this.bytes = name.getBytes(StandardCharsets.ISO_8859_1);
        this.hash = hash(bytes, 0, bytes.length);
    }

    public static HeaderName of(String name) {
        return new HeaderName(name.toLowerCase(Locale.ROOT));
    }

    /** The hash that {@link Headers} keeps per field; codecs may fold it into their parse loop: {@code h = 31 * h + byte}. */
    public static int hash(byte[] lowerCase, int from, int to) {
        int h = 0;
        for (int i = from; i < to; i++) {
            h = 31 * h + lowerCase[i];
        }
        return h;
    }

    public int length() {
        return bytes.length;
    }

    int nameHash() {
        return hash;
    }

    byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof HeaderName that && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return name;
    }
}
