package dev.outrider.proxy.http;

/** Why a stream ended without its regular end. Values are Envoy's stream reset reasons; {@link #text()} is its wording in bodies and details. */
public enum StreamReset {
    LOCAL_RESET("local reset"),
    LOCAL_REFUSED_STREAM("local refused stream"),
    REMOTE_RESET("remote reset"),
    REMOTE_REFUSED_STREAM("remote refused stream"),
    /** The connection could not be made. */
    CONNECTION_FAILURE("remote connection failure"),
    /** The connection was made, then lost. */
    CONNECTION_TERMINATION("connection termination"),
    CONNECT_TIMEOUT("connection timeout"),
    OVERFLOW("overflow"),
    PROTOCOL_ERROR("protocol error"),
    /** The client went away. */
    DOWNSTREAM_GONE("downstream connection termination"),
    IDLE_TIMEOUT("idle timeout");

    private final String text;

    StreamReset(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }
}
