package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Drain;
import dev.outrider.proxy.connection.ConnectionWatcher;
import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.connection.PeerExchange;
import dev.outrider.proxy.datapath.cluster.ClusterRuntime;
import dev.outrider.proxy.datapath.cluster.Clusters;
import dev.outrider.proxy.datapath.cluster.HostResolver;
import dev.outrider.proxy.datapath.explicit.ExplicitPort;
import dev.outrider.proxy.datapath.explicit.ServiceListeners;
import dev.outrider.proxy.datapath.listener.Listeners;
import dev.outrider.proxy.datapath.listener.LiveListener;
import dev.outrider.proxy.datapath.origdst.OriginalDestinationSource;
import dev.outrider.proxy.datapath.protocol.tcp.TcpProxyProgram;
import dev.outrider.proxy.datapath.relay.MetadataExchangeHandler;
import dev.outrider.proxy.datapath.upstream.Connector;
import dev.outrider.proxy.datapath.upstream.NettyConnector;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.MeshChange;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.model.Listener;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The data path, assembled: takes configuration and makes its listeners and clusters live. {@link #apply}, {@link #drain} on the control
 * loop; reading from any thread.
 *
 * <p>Order of an update, make before break: secrets, clusters, endpoints, routes, listeners; what is gone goes last, listeners before the
 * clusters that they lead to.
 */
public final class DataPath implements AutoCloseable {

    /**
     * @param loops data event loops of {@link dev.outrider.proxy.datapath.upstream.Transport}
     * @param control one thread
     * @param drainNanos how long connections of replaced or removed listeners may go on
     * @param mostConnections over all listeners
     * @param inherited sockets that listen already
     */
    public record Settings(
            EventLoopGroup loops, ScheduledExecutorService control, Stats stats, OriginalDestinationSource destinations, long drainNanos,
            int mostConnections, InheritedSockets inherited) {}

    /** What others bring along. */
    public record Parts(
            TlsSource tls, HostResolver resolver, PeerExchange exchange, ConnectionWatcher.Source watchers, HttpSide.Factory http) {}

    private final Settings settings;
    private final TlsSource tls;
    private final Clusters clusters;
    private final HttpSide http;
    private final ListenerCompiler compiler;
    private final Listeners listeners;
    private final Connector connector;
    private volatile @Nullable ExplicitPort explicit;
    private volatile @Nullable ServiceListeners services;

    public DataPath(Settings settings, Parts parts) {
        this.settings = settings;
        this.tls = parts.tls();
        Stats stats = settings.stats();
        var counts = new MetadataExchangeHandler.Counts(stats);
        connector = new NettyConnector(parts.exchange(), counts);
        // Clusters tell the pools which origins are gone; the pools are made over the clusters.
        var pools = new Pools();
        clusters = new Clusters(new ClusterRuntime(stats, parts.tls(), parts.resolver(), settings.control(), pools::originGone));
        http = parts.http().create(clusters, connector);
        pools.http = http;
        var tcp = new TcpProxyProgram.Parts(clusters, connector, parts.watchers(), stats, parts.exchange(), counts);
        compiler = new ListenerCompiler(http, tcp, parts.tls(), parts.watchers(), stats);
        listeners = new Listeners(new Listeners.Settings(
                settings.loops(), settings.destinations(), stats, settings.control(), settings.drainNanos(), settings.mostConnections(),
                settings.inherited()));
    }

    private static final class Pools {
        private volatile @Nullable HttpSide http;

        void originGone(Origin origin) {
            HttpSide side = http;
            if (side != null) {
                side.originGone(origin);
            }
        }
    }

    /** Makes a new snapshot live; see {@link #apply(MeshUpdate)}. */
    public CompletableFuture<Void> apply(MeshSnapshot snapshot, MeshChange change) {
        return apply(MeshUpdate.of(snapshot, change));
    }

    /** Makes an update live. The future completes when every new address is bound or has failed to be ({@link Listeners#failures()}). */
    public CompletableFuture<Void> apply(MeshUpdate update) {
        if (update.secrets() != null) {
            tls.secrets(update.secrets());
        }
        update.clusters().forEach(clusters::put);
        update.assignments().forEach(clusters::assign);
        http.routes(update.routes(), update.routesRemoved());
        List<CompletableFuture<Void>> bindings = new ArrayList<>();
        // What accepts comes last: a connection that waits in an inherited socket is handed over to a listener that must stand by then.
        update.listeners().stream().filter(l -> !l.bindToPort()).forEach(l -> put(l, bindings));
        update.listeners().stream().filter(Listener::bindToPort).forEach(l -> put(l, bindings));
        for (String gone : update.listenersRemoved()) {
            listeners.remove(gone);
            compiler.forget(gone);
        }
        update.clustersRemoved().forEach(clusters::remove);
        update.assignmentsRemoved().forEach(clusters::unassign);
        return CompletableFuture.allOf(bindings.toArray(CompletableFuture[]::new));
    }

    private void put(Listener listener, List<CompletableFuture<Void>> bindings) {
        LiveListener before = listeners.current(listener.name());
        if (listeners.stopped() || (before != null && before.model().equals(listener))) {
            return;
        }
        for (ChannelFuture binding : listeners.put(compiler.compile(listener, before))) {
            var bound = new CompletableFuture<Void>();
            binding.addListener(f -> bound.complete(null));
            bindings.add(bound);
        }
    }

    public Clusters clusters() {
        return clusters;
    }

    /** For a connection that no client asked for, on a {@link #loop}. */
    public Connector connector() {
        return connector;
    }

    public EventLoop loop() {
        return settings.loops().next();
    }

    /** A port that is closed with the listeners: its clients come the same way. */
    public void explicit(ExplicitPort port) {
        explicit = port;
    }

    /** The same for services with listeners of their own. */
    public void services(ServiceListeners own) {
        services = own;
    }

    public @Nullable ServiceListeners services() {
        return services;
    }

    /** The sockets of both, for the process that takes over. */
    public List<Channel> uncaptured() {
        List<Channel> all = new ArrayList<>();
        ExplicitPort port = explicit;
        if (port != null) {
            all.add(port.channel());
        }
        ServiceListeners own = services;
        if (own != null) {
            all.addAll(own.channels());
        }
        return all;
    }

    /** For clients that name their target; where that is a service's own listener here, the service itself. */
    public ExplicitPort.Way way() {
        return new ExplicitPort.Way() {
            @Override
            public boolean enter(Channel client) {
                return listeners.enter(client);
            }

            @Override
            public boolean take(ChannelHandlerContext ctx, InetSocketAddress destination) {
                ServiceListeners own = services;
                InetSocketAddress service = own == null ? null : own.behind(destination);
                return listeners.take(ctx, service == null ? destination : service);
            }
        };
    }

    public @Nullable ExplicitPort explicit() {
        return explicit;
    }

    public Listeners listeners() {
        return listeners;
    }

    /** Bound addresses by listener name, with real ports. */
    public Map<String, List<InetSocketAddress>> addresses() {
        return listeners.addresses();
    }

    /** Refuses new connections; open ones go on. */
    public void stopAccepting(boolean inboundOnly) {
        if (!inboundOnly) {
            closeExplicit();
        }
        listeners.stop(l -> !inboundOnly || l.direction() == Listener.Direction.INBOUND);
    }

    private void closeExplicit() {
        ExplicitPort port = explicit;
        if (port != null) {
            port.close();
        }
        ServiceListeners own = services;
        if (own != null) {
            own.close();
        }
    }

    /** Asks open connections to finish. What is left when the process ends is {@link Listeners#openConnections()}. */
    public void drain(boolean inboundOnly, Drain event) {
        listeners.drain(l -> !inboundOnly || l.direction() == Listener.Direction.INBOUND, event);
    }

    /** Closes everything at once. The event loops are the caller's. */
    @Override
    public void close() {
        closeExplicit();
        listeners.close();
        http.close();
        clusters.close();
    }
}
