package dev.outrider.proxy.datapath.route;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.http.RequestHead;
import org.jspecify.annotations.Nullable;

/** What a route is chosen by. Reused with its exchange; confined to the event loop. */
public final class RouteQuery {

    public final RequestHead head;
    public final StreamInfo info;
    /** Decides weights and fractions; the same for every choice of one request, as in Envoy. Not negative. */
    public long random;
    /** Whether the client counts as internal (x-envoy-internal). */
    public boolean internal;

    public RouteQuery(RequestHead head, StreamInfo info) {
        this.head = head;
        this.info = info;
    }

    @Nullable TlsPeer tls() {
        return info.connection.tls();
    }
}
