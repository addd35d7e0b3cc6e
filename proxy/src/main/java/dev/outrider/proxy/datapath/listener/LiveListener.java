package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.connection.ConnectionWatcher;
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

    /** {@code before}: the version that this one follows, whose connections it takes over, or null. */
    public LiveListener(
            Listener model, List<Chain> chains, @Nullable Chain defaultChain, ConnectionWatcher log, Stats stats,
            @Nullable LiveListener before) {
        this.model = model;
        this.connections = before == null ? new Connections() : before.connections;
        this.matcher = new FilterChainMatcher(chains, defaultChain);
        this.log = log;
        this.stats = new ListenerStats(stats, statName(model));
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

    FilterChainMatcher matcher() {
        return matcher;
    }

    ListenerStats stats() {
        return stats;
    }

    ConnectionWatcher log() {
        return log;
    }
}
