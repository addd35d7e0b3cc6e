package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.connection.ConnectionWatcher;
import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.datapath.filterchain.Chain;
import dev.outrider.proxy.datapath.filterchain.FilterChainMatcher;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Listener;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One version of a listener, compiled. Its connections are shared with the versions before and after it. Any loop. */
public final class LiveListener {

    private final Listener model;
    private final FilterChainMatcher matcher;
    private final ListenerStats stats;
    private final ConnectionWatcher log;
    private final Connections connections;
    private final boolean restoresDestination;

    /** {@code before}: the version that this one follows, whose connections it takes over, or null. */
    public LiveListener(
            Listener model, List<Chain> chains, @Nullable Chain defaultChain, ConnectionWatcher log, Stats stats,
            @Nullable LiveListener before) {
        this.model = model;
        this.connections = before == null ? new Connections() : before.connections;
        this.matcher = new FilterChainMatcher(chains, defaultChain);
        this.log = log;
        this.stats = new ListenerStats(stats, statName(model));
        restoresDestination = model.useOriginalDst() || model.listenerFilters().stream().anyMatch(f -> f.kind() == Listener.ListenerFilter.Kind.ORIGINAL_DST);
    }

    /** As Envoy names it: the address with dots, colons of IPv6 as underscores. */
    static String statName(Listener model) {
        String name = model.statPrefix().isEmpty() ? model.address().toString() : model.statPrefix();
        return name.replace(':', '_');
    }

    public Listener model() {
        return model;
    }

    public Connections connections() {
        return connections;
    }

    /** The chain that serves a connection whose destination and first bytes are known; null: it is closed. */
    public @Nullable Chain chain(DownstreamConnection connection) {
        return matcher.find(connection);
    }

    /** Whether this listener filter looks at connections to that port. */
    public boolean looks(Listener.ListenerFilter filter, int port) {
        var disabled = filter.disabledWhen();
        return disabled == null || !disabled.test(port);
    }

    /** Whether it asks where a connection was going before it was redirected. */
    public boolean restoresDestination() {
        return restoresDestination;
    }

    ListenerStats stats() {
        return stats;
    }

    ConnectionWatcher log() {
        return log;
    }
}
