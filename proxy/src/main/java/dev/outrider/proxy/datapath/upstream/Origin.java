package dev.outrider.proxy.datapath.upstream;

import dev.outrider.xds.model.Cluster;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One destination as the upstream stage needs it, resolved from cluster and endpoint when configuration is compiled; the key of pools.
 * Compared by identity.
 *
 * @param addresses to try in order (more than one: alternatives of one endpoint); IP or Unix domain socket
 * @param bindSources local address to bind by family, empty = any; port 0
 * @param metadataExchange ALPN protocol on which Istio's TCP preamble is exchanged, null = never
 * @param tls wraps the connection; null = plaintext
 */
public record Origin(
        List<SocketAddress> addresses,
        List<InetSocketAddress> bindSources,
        long connectTimeoutNanos,
        Cluster.@Nullable TcpKeepalive keepalive,
        long bufferLimitBytes,
        Cluster.HttpProtocolOptions http,
        @Nullable String metadataExchange,
        @Nullable UpstreamTls tls,
        Limits limits) {

    @Override
    public boolean equals(@Nullable Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }

    /** Circuit breakers and statistics of the cluster, shared by all loops; every {@code try} that returns true is paired with one release. */
    public interface Limits {

        boolean tryConnection();

        void releaseConnection();

        /** A request waits for a connection. */
        boolean tryPending();

        void releasePending();

        void connected(boolean http2);

        /** A connection that speaks no HTTP. */
        default void connectedTcp() {
            connected(false);
        }

        /** {@code timeout} or refused, unreachable, TLS failure. */
        void connectFailed(boolean timeout);

        /** A connection that stood has ended; {@code byPeer} with requests still active. */
        void closed(boolean byPeer, boolean withActiveRequests);

        void bytes(long read, long written);
    }
}
