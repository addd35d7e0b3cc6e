package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.proxy.connection.DownstreamConnection;
import java.net.InetSocketAddress;
import java.util.List;

/** What a connection is matched by. {@code transport} is "tls" or "raw_buffer"; {@code alpn} as offered; {@code sni} lower case. */
record Criteria(
        InetSocketAddress destination, InetSocketAddress directSource, InetSocketAddress source, String sni, String transport,
        List<String> alpn) {

    static Criteria of(DownstreamConnection c) {
        String transport = c.transportProtocol().isEmpty() ? "raw_buffer" : c.transportProtocol();
        return new Criteria(c.destination(), c.directRemote(), c.directRemote(), c.sni(), transport, c.offeredAlpn());
    }
}
