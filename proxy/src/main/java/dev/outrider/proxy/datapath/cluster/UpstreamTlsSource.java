package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import dev.outrider.xds.model.TransportSocket;

/** Compiles TLS contexts for origins; equal sockets give the same context. Any thread. */
@FunctionalInterface
public interface UpstreamTlsSource {

    UpstreamTls upstream(TransportSocket.UpstreamTls socket);
}
