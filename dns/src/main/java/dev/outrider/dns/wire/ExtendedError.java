package dev.outrider.dns.wire;

/** Extended DNS error codes in use (RFC 8914 §4); sent only to clients that speak EDNS. */
public final class ExtendedError {

    public static final int NONE = -1;
    public static final int STALE_ANSWER = 3;
    public static final int NOT_READY = 14;
    public static final int BLOCKED = 15;
    public static final int NOT_AUTHORITATIVE = 20;
    public static final int NO_REACHABLE_AUTHORITY = 22;
    public static final int NETWORK_ERROR = 23;

    private ExtendedError() {}
}
