package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.route.RouteTable;
import dev.outrider.proxy.datapath.upstream.StreamPool;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.accesslog.LogSinks;
import dev.outrider.xds.model.HttpConnectionManager;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What HTTP programs need of the process. Thread safe.
 *
 * @param node the local workload, as its peers shall know it
 * @param failing whether every answer shall end its connection ({@code /healthcheck/fail}, draining)
 */
public record HttpEnvironment(
        Stats stats,
        ClusterState.Source clusters,
        Routes routes,
        Pools pools,
        Codecs codecs,
        LogSinks logs,
        PeerMetadata node,
        BooleanSupplier failing) {

    /** Live route tables by the name that RDS knows; one volatile read a call. Null: not there (yet). */
    @FunctionalInterface
    public interface Routes {
        @Nullable RouteTable table(String name);
    }

    /** The pool of an event loop. */
    @FunctionalInterface
    public interface Pools {
        StreamPool pool(EventLoop loop);
    }

    /** Server codecs of a connection manager, their settings compiled once. */
    @FunctionalInterface
    public interface Codecs {
        Codec compile(HttpConnectionManager model);
    }

    /** Adds a codec's handlers at the end of a connection's pipeline. */
    @FunctionalInterface
    public interface Codec {
        void install(ChannelPipeline pipeline, boolean http2, DownstreamConnection connection, StreamAcceptor acceptor);
    }
}
