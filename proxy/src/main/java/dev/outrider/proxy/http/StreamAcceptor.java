package dev.outrider.proxy.http;

/** Takes what a server codec finds on one client connection. All calls on the connection's event loop. */
public interface StreamAcceptor {

    /** A request begins; its events go to the returned receiver, whose {@code onHead} follows at once. */
    StreamEvents.Request onStream(HttpStream.Response stream);

    /**
     * The codec refused a request before its head was complete and has answered by itself, or closed ({@code status} 0).
     *
     * @param details of %RESPONSE_CODE_DETAILS%, e.g. {@code http1.codec_error}
     */
    void onRefused(int status, String details, long bytesReceived, long bytesSent);

    /** As above for a well-formed head that was refused for what it asks: no host, an upgrade that is not allowed, a target that is no path. */
    default void onRefused(int status, String details, long bytesReceived, long bytesSent, RequestHead head) {
        onRefused(status, details, bytesReceived, bytesSent);
    }
}
