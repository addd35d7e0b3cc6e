package dev.outrider.proxy.http;

/** A status and its fields; {@code content-length} stays among the fields, connection and transfer-encoding never. Reused, loop-confined. */
public final class ResponseHead {

    private final Headers headers = new Headers();
    private int status;
    private String upgrade = "";

    public void reset(int newStatus) {
        status = newStatus;
        upgrade = "";
        headers.clear();
    }

    public Headers headers() {
        return headers;
    }

    public int status() {
        return status;
    }

    public void status(int value) {
        status = value;
    }

    /** Upgrade token of a 101, else empty. After it, data in both directions is opaque. */
    public String upgrade() {
        return upgrade;
    }

    public void upgrade(String value) {
        upgrade = value;
    }
}
