package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.HttpPrograms;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.upstream.Connector;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.xds.model.RouteConfiguration;
import java.util.Collection;
import java.util.Set;

/** What serves HTTP chains: connection managers compiled into programs, over pools of one per loop. */
public interface HttpSide extends HttpPrograms, AutoCloseable {

    /** Made once, when clusters and connector stand. */
    @FunctionalInterface
    interface Factory {
        HttpSide create(ClusterState.Source clusters, Connector connector);
    }

    /** Route configurations by reference (RDS). Control loop. */
    void routes(Collection<RouteConfiguration> changed, Set<String> removed);

    /** No new request will go there: idle connections may close. Any thread. */
    void originGone(Origin origin);

    @Override
    void close();
}
