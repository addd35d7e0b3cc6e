package dev.outrider.proxy.datapath;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Listener.FilterChain;
import dev.outrider.xds.model.Listener.FilterChainMatch;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.TransportSocket;
import java.util.List;

/** Listeners in few words. */
final class TestListeners {

    private TestListeners() {}

    static NetworkFilter.TcpProxy tcpProxy(String cluster) {
        return new NetworkFilter.TcpProxy(cluster, List.of(new NetworkFilter.TcpProxy.Weighted(cluster, 1)), 0, 0, 1, false, List.of());
    }

    static FilterChain chain(FilterChainMatch match, TransportSocket socket, NetworkFilter... filters) {
        return new FilterChain("chain", match, List.of(filters), socket, 0, Metadata.EMPTY);
    }

    static FilterChain chain(NetworkFilter... filters) {
        return chain(FilterChainMatch.ALL, new TransportSocket.RawBuffer(), filters);
    }

    static Listener listener(String name, FilterChain... chains) {
        return listener(name, "127.0.0.1", 0, true, false, List.of(), chains);
    }

    static Listener listener(
            String name, String ip, int port, boolean bind, boolean useOriginalDst, List<Listener.ListenerFilter> filters, FilterChain... chains) {
        return new Listener(
                name, new Address.Ip(Cidr.ipLiteral(ip), port), List.of(), filters, 0, true, List.of(chains), null, bind, useOriginalDst, false,
                false, Listener.Direction.OUTBOUND, List.of(), 1 << 20, "", true, Metadata.EMPTY);
    }
}
