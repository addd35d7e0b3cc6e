package dev.outrider.proxy.explain;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.listener.LiveListener;
import dev.outrider.xds.model.Listener.ListenerFilter;
import io.netty.channel.local.LocalChannel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Locale;

/**
 * The connection that is followed: it has no socket. What inspectors would find in its first bytes is set as they would set it.
 *
 * @param tls whether the client begins with a ClientHello
 * @param alpn what that offers
 */
record Rehearsal(InetSocketAddress from, InetSocketAddress to, boolean tls, String sni, List<String> alpn) {

    /** What a mesh client offers for HTTP/1.1 and for TCP: Istio's names first. */
    static final List<String> MESH_ALPN = List.of("istio-http/1.1", "istio-peer-exchange", "istio", "http/1.1");

    /** As {@code listener} sees it after its listener filters. */
    DownstreamConnection seenBy(LiveListener listener) {
        var connection = new DownstreamConnection(0, new LocalChannel(), from, to, listener.model());
        connection.restoreDestination(to);
        for (ListenerFilter filter : listener.model().listenerFilters()) {
            if (!listener.looks(filter, to.getPort())) {
                continue;
            }
            if (filter.kind() == ListenerFilter.Kind.TLS_INSPECTOR) {
                connection.transportProtocol(tls ? "tls" : "raw_buffer");
                if (tls) {
                    connection.sni(sni.toLowerCase(Locale.ROOT));
                    connection.offeredAlpn(alpn);
                }
            } else if (filter.kind() == ListenerFilter.Kind.HTTP_INSPECTOR && !tls) {
                connection.offeredAlpn(List.of("http/1.1"));
            }
        }
        return connection;
    }

    /** A caller whose certificate was verified. */
    static TlsPeer peer(String spiffeId) {
        return new TlsPeer(
                true, true, List.of(spiffeId), List.of(), List.of(), "", "", "", "", "", 0, 0, "", "", List.of(), List.of(), "", "istio", "TLSv1.3", "", "");
    }
}
