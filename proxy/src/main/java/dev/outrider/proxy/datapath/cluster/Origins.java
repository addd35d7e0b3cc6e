package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.TransportSocket;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes origins of one cluster's endpoints: addresses, source, and the transport socket that fits the endpoint's metadata. Any thread. */
final class Origins {

    private final Cluster cluster;
    private final UpstreamTlsSource tls;
    private final Origin.Limits limits;
    private final List<InetSocketAddress> bindSources;
    private final @Nullable String metadataExchange;

    Origins(Cluster cluster, UpstreamTlsSource tls, Origin.Limits limits) {
        this.cluster = cluster;
        this.tls = tls;
        this.limits = limits;
        List<InetSocketAddress> sources = new ArrayList<>();
        Cluster.BindConfig bind = cluster.bind();
        if (bind != null) {
            sources.add(socket(bind.source()));
            bind.extra().forEach(a -> sources.add(socket(a)));
        }
        bindSources = List.copyOf(sources);
        metadataExchange = cluster.filters().stream()
                .filter(NetworkFilter.MetadataExchange.class::isInstance)
                .map(f -> ((NetworkFilter.MetadataExchange) f).protocol())
                .findFirst()
                .orElse(null);
    }

    /** Null for an endpoint that cannot be dialled: an internal listener, or a name that was not resolved. */
    @Nullable Origin origin(Endpoint endpoint) {
        List<SocketAddress> addresses = new ArrayList<>();
        add(addresses, endpoint.address());
        endpoint.additional().forEach(a -> add(addresses, a));
        if (addresses.isEmpty()) {
            return null;
        }
        return new Origin(
                List.copyOf(addresses), bindSources, cluster.connectTimeoutNanos(), cluster.keepalive(), cluster.bufferLimitBytes(),
                cluster.http(), metadataExchange, tls(endpoint), limits);
    }

    private static void add(List<SocketAddress> into, Address address) {
        switch (address) {
            case Address.Ip ip -> into.add(socket(ip));
            case Address.Pipe pipe -> into.add(new DomainSocketAddress(
                    pipe.path().startsWith("@") ? "\0" + pipe.path().substring(1) : pipe.path()));
            case Address.Named named -> {}
            case Address.Internal internal -> {}
        }
    }

    private static InetSocketAddress socket(Address.Ip ip) {
        return new InetSocketAddress(ip.ip(), ip.port());
    }

    private @Nullable UpstreamTls tls(Endpoint endpoint) {
        if (!(EndpointSockets.of(cluster, endpoint) instanceof TransportSocket.UpstreamTls upstream)) {
            return null;
        }
        if (upstream.autoHostSni() && !endpoint.hostname().isEmpty()) {
            return tls.upstream(new TransportSocket.UpstreamTls(
                    upstream.common(), endpoint.hostname(), true, upstream.autoSniSanValidation(), upstream.maxSessionKeys()));
        }
        return tls.upstream(upstream);
    }
}
