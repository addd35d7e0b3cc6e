package dev.outrider.proxy.datapath.upstream;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** HTTP connections of one event loop, pooled by origin, protocol and ALPN list. All calls on that loop. */
public interface StreamPool {

    /**
     * Asks for a stream on a pooled or fresh connection. Exactly one of {@link Waiter#onStream} and {@link Waiter#onFailure} follows,
     * perhaps before this method returns, unless the request is cancelled first.
     *
     * @param http2 speak HTTP/2, else HTTP/1.1
     * @param alpn ALPN list to offer; part of the pool's key; empty = the TLS context's own
     */
    Request stream(Origin origin, boolean http2, List<String> alpn, String sniOverride, StreamEvents.Response events, Waiter waiter);

    /** Origins that are gone: idle connections close now, busy ones when their requests are done. */
    void drain(Origin origin);

    /** A request that waits for its connection. */
    interface Request {

        /** The waiter hears nothing more; a connect under way goes on for the pool. */
        void cancel();
    }

    interface Waiter {

        void onStream(HttpStream.Request stream, Connected connection);

        /** {@code details}: text of the transport, e.g. {@code delayed_connect_error:_Connection_refused} or a TLS error. */
        void onFailure(StreamReset reason, String details);
    }

    /** The connection that a stream runs on. {@code reused}: it served another request before. */
    record Connected(long id, SocketAddress remote, SocketAddress local, @Nullable TlsPeer tls, boolean http2, boolean reused) {}
}
