package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.ConnectionProgram;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.protocol.HttpCompiler;
import dev.outrider.proxy.datapath.protocol.HttpEnvironment;
import dev.outrider.proxy.datapath.route.RouteTable;
import dev.outrider.proxy.datapath.upstream.Connector;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.datapath.upstream.StreamPool;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.accesslog.LogSinks;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.RouteConfiguration;
import io.netty.channel.EventLoop;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The HTTP side of the data path: live route tables, one stream pool a loop, and the compiler over both. Thread safe. */
public final class HttpRuntime implements HttpSide {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.datapath");

    /**
     * What it is made of besides clusters and connector.
     *
     * @param node the local workload as peers shall know it
     * @param failing whether every answer ends its connection
     */
    public record Settings(
            Stats stats, HttpEnvironment.Codecs codecs, Pools pools, LogSinks logs, PeerMetadata node, BooleanSupplier failing) {}

    /** Makes the pool of one loop; called on it. */
    @FunctionalInterface
    public interface Pools {
        StreamPool create(EventLoop loop, Connector connector);
    }

    private final HttpCompiler compiler;
    private final Connector connector;
    private final Pools factory;
    private final ConcurrentHashMap<EventLoop, StreamPool> pools = new ConcurrentHashMap<>();
    private volatile Map<String, RouteTable> tables = Map.of();

    public HttpRuntime(Settings settings, ClusterState.Source clusters, Connector connector) {
        this.connector = connector;
        factory = settings.pools();
        compiler = new HttpCompiler(new HttpEnvironment(
                settings.stats(), clusters, this::table, this::pool, settings.codecs(), settings.logs(), settings.node(), settings.failing()));
    }

    private @Nullable RouteTable table(String name) {
        return tables.get(name);
    }

    private StreamPool pool(EventLoop loop) {
        StreamPool pool = pools.get(loop);
        return pool == null ? pools.computeIfAbsent(loop, l -> factory.create(l, connector)) : pool;
    }

    @Override
    public ConnectionProgram compile(HttpConnectionManager manager, Listener listener) {
        return compiler.compile(manager, listener);
    }

    /** Tables whose configuration is equal to what is there stay; the others are compiled here, on the caller's thread. */
    @Override
    public void routes(Collection<RouteConfiguration> changed, Set<String> removed) {
        if (changed.isEmpty() && removed.isEmpty()) {
            return;
        }
        Map<String, RouteTable> next = new HashMap<>(tables);
        removed.forEach(next::remove);
        for (RouteConfiguration model : changed) {
            RouteTable before = next.get(model.name());
            if (before == null || !before.model().equals(model)) {
                compile(model, next);
            }
        }
        tables = next;
    }

    /** What was accepted but cannot be compiled leaves its last version in force, and its siblings alone. */
    private static void compile(RouteConfiguration model, Map<String, RouteTable> into) {
        try {
            into.put(model.name(), RouteTable.compile(model));
        } catch (RuntimeException e) {
            LOG.log(Level.SEVERE, "route configuration " + model.name() + " cannot be compiled, its last version stays", e);
        }
    }

    @Override
    public void originGone(Origin origin) {
        pools.forEach((loop, pool) -> loop.execute(() -> pool.drain(origin)));
    }

    /** Connections end with their loops; there is nothing else to give back. */
    @Override
    public void close() {
        tables = Map.of();
    }
}
