package dev.outrider.proxy.datapath.protocol.tcp;

import dev.outrider.proxy.connection.ConnectionProgram;
import dev.outrider.proxy.connection.ConnectionWatcher;
import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.PeerExchange;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.relay.MetadataExchangeHandler;
import dev.outrider.proxy.datapath.upstream.Connector;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import io.netty.channel.ChannelPipeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A chain that ends in envoy.filters.network.tcp_proxy, compiled. Shared by its connections, any loop. */
public final class TcpProxyProgram implements ConnectionProgram {

    /** What programs need of their surroundings. */
    public record Parts(
            ClusterState.Source clusters, Connector connector, ConnectionWatcher.Source watchers, Stats stats,
            PeerExchange exchange, MetadataExchangeHandler.Counts exchangeCounts) {}

    final NetworkFilter.TcpProxy config;
    final Parts parts;
    final TcpStats stats;
    final List<ConnectionWatcher> watchers;
    /** How often watchers hear of progress, 0 = never. */
    final long reportNanos;

    private static final long DEFAULT_REPORT_NANOS = 5_000_000_000L;

    private final List<NetworkRbac> rules;
    private final @Nullable String exchangeProtocol;
    private final long totalWeight;

    private TcpProxyProgram(
            NetworkFilter.TcpProxy config, Parts parts, List<NetworkRbac> rules, @Nullable String exchangeProtocol,
            List<ConnectionWatcher> watchers, long reportNanos) {
        this.config = config;
        this.parts = parts;
        this.rules = rules;
        this.exchangeProtocol = exchangeProtocol;
        this.watchers = watchers;
        this.reportNanos = reportNanos;
        this.stats = new TcpStats(parts.stats(), config.statPrefix());
        this.totalWeight = config.clusters().stream().mapToLong(NetworkFilter.TcpProxy.Weighted::weight).sum();
    }

    /** Compiles the filters in front of and including the first tcp_proxy; null where there is none. */
    public static @Nullable TcpProxyProgram compile(List<NetworkFilter> filters, Listener listener, Parts parts) {
        List<NetworkRbac> rules = new ArrayList<>();
        List<ConnectionWatcher> watchers = new ArrayList<>();
        String exchange = null;
        long report = 0;
        for (NetworkFilter filter : filters) {
            switch (filter) {
                case NetworkFilter.NetworkRbac rbac -> rules.add(new NetworkRbac(rbac, parts.stats()));
                case NetworkFilter.MetadataExchange metadata -> exchange = metadata.protocol();
                case NetworkFilter.IstioStats istio -> {
                    watchers.add(parts.watchers().istioStats(istio.config(), listener));
                    report = istio.config().tcpReportingNanos() == 0 ? DEFAULT_REPORT_NANOS : istio.config().tcpReportingNanos();
                }
                case NetworkFilter.TcpProxy tcp -> {
                    if (!tcp.accessLogs().isEmpty()) {
                        watchers.add(parts.watchers().accessLogs(tcp.accessLogs(), "TcpConnectionEnd"));
                    }
                    watchers.removeIf(w -> w == ConnectionWatcher.NONE);
                    return new TcpProxyProgram(tcp, parts, List.copyOf(rules), exchange, List.copyOf(watchers), watchers.isEmpty() ? 0 : report);
                }
                default -> {}
            }
        }
        return null;
    }

    @Override
    public void install(DownstreamConnection connection, ChannelPipeline pipeline) {
        TlsPeer tls = connection.tls();
        if (exchangeProtocol != null) {
            if (tls != null && exchangeProtocol.equals(tls.alpn())) {
                pipeline.addLast("metadata-exchange", new MetadataExchangeHandler(parts.exchange(), parts.exchangeCounts()));
            } else {
                parts.exchangeCounts().notNegotiated();
            }
        }
        var session = new TcpSession(this, connection);
        pipeline.addLast("tcp-proxy", session);
        for (NetworkRbac rbac : rules) {
            String denial = rbac.denial(connection);
            if (denial != null) {
                session.refuse(denial);
                return;
            }
        }
        session.begin();
    }

    /** Envoy's tcp_proxy is there before the handshake: its log tells of a connection that failed it. */
    @Override
    public void handshakeFailed(DownstreamConnection connection) {
        new TcpSession(this, connection).refuse("");
    }

    public NetworkFilter.TcpProxy model() {
        return config;
    }

    /** Why this connection would be refused, or null. Counts nothing. */
    public @Nullable String wouldDeny(DownstreamConnection connection) {
        return rules.stream().map(rbac -> rbac.wouldDeny(connection)).filter(Objects::nonNull).findFirst().orElse(null);
    }

    /** One of the weighted clusters, by chance. */
    String chooseCluster() {
        List<NetworkFilter.TcpProxy.Weighted> all = config.clusters();
        if (all.size() == 1) {
            return all.getFirst().cluster();
        }
        long point = totalWeight == 0 ? 0 : ThreadLocalRandom.current().nextLong(totalWeight);
        for (NetworkFilter.TcpProxy.Weighted choice : all) {
            point -= choice.weight();
            if (point < 0) {
                return choice.cluster();
            }
        }
        return all.isEmpty() ? "" : all.getLast().cluster();
    }
}
