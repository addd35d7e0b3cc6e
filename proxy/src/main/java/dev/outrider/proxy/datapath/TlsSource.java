package dev.outrider.proxy.datapath;

import dev.outrider.proxy.datapath.cluster.UpstreamTlsSource;
import dev.outrider.proxy.datapath.filterchain.ChainTls;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import java.util.Map;

/** TLS of both sides, compiled from transport sockets. Any thread. */
public interface TlsSource extends UpstreamTlsSource {

    ChainTls downstream(TransportSocket.DownstreamTls socket);

    /** The secrets that are in force from now on, by name. Control loop. */
    void secrets(Map<String, ? extends Secret> all);
}
