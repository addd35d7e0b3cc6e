package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.ConnectionProgram;
import dev.outrider.proxy.connection.ConnectionWatcher;
import dev.outrider.proxy.connection.HttpPrograms;
import dev.outrider.proxy.datapath.filterchain.Chain;
import dev.outrider.proxy.datapath.filterchain.ChainTls;
import dev.outrider.proxy.datapath.listener.LiveListener;
import dev.outrider.proxy.datapath.protocol.tcp.TcpProxyProgram;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Listener.FilterChain;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.TransportSocket;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compiles listeners. Chains with equal filters share one program within a listener and from one version of it to the next: istiod repeats
 * the same filters on every variant of a port, and an update that touches one chain leaves the others' programs alone. Control loop.
 */
final class ListenerCompiler {

    private final HttpPrograms http;
    private final TcpProxyProgram.Parts tcp;
    private final TlsSource tls;
    private final ConnectionWatcher.Source watchers;
    private final Stats stats;
    private final Map<String, Map<List<NetworkFilter>, ConnectionProgram>> programs = new HashMap<>();

    ListenerCompiler(HttpPrograms http, TcpProxyProgram.Parts tcp, TlsSource tls, ConnectionWatcher.Source watchers, Stats stats) {
        this.http = http;
        this.tcp = tcp;
        this.tls = tls;
        this.watchers = watchers;
        this.stats = stats;
    }

    LiveListener compile(Listener model, @Nullable LiveListener before) {
        boolean sameSetting = before != null
                && before.model().direction() == model.direction() && before.model().metadata().equals(model.metadata())
                && before.model().address().equals(model.address());
        Map<List<NetworkFilter>, ConnectionProgram> known = sameSetting ? programs.getOrDefault(model.name(), Map.of()) : Map.of();
        Map<List<NetworkFilter>, ConnectionProgram> used = new HashMap<>();
        List<Chain> chains = new ArrayList<>(model.filterChains().size());
        for (FilterChain chain : model.filterChains()) {
            chains.add(chain(chain, model, known, used));
        }
        FilterChain other = model.defaultFilterChain();
        Chain defaultChain = other == null ? null : chain(other, model, known, used);
        programs.put(model.name(), used);
        ConnectionWatcher log = model.accessLogs().isEmpty() ? ConnectionWatcher.NONE : watchers.accessLogs(model.accessLogs(), "NotSet");
        return new LiveListener(model, chains, defaultChain, log, stats, before);
    }

    void forget(String listener) {
        programs.remove(listener);
    }

    private Chain chain(
            FilterChain chain, Listener listener, Map<List<NetworkFilter>, ConnectionProgram> known,
            Map<List<NetworkFilter>, ConnectionProgram> used) {
        ConnectionProgram program = used.get(chain.filters());
        if (program == null) {
            program = known.get(chain.filters());
            if (program == null) {
                program = program(chain, listener);
            }
            used.put(chain.filters(), program);
        }
        ChainTls termination = chain.transportSocket() instanceof TransportSocket.DownstreamTls socket ? tls.downstream(socket) : null;
        return new Chain(chain, termination, program);
    }

    /** A chain without a terminal filter closes what comes, as Envoy does. */
    private ConnectionProgram program(FilterChain chain, Listener listener) {
        for (NetworkFilter filter : chain.filters()) {
            if (filter instanceof HttpConnectionManager manager) {
                return http.compile(manager, listener);
            }
        }
        ConnectionProgram program = TcpProxyProgram.compile(chain.filters(), listener, tcp);
        return program == null ? (connection, pipeline) -> pipeline.close() : program;
    }
}
