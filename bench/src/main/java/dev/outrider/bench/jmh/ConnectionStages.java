package dev.outrider.bench.jmh;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.datapath.filterchain.Chain;
import dev.outrider.proxy.datapath.filterchain.FilterChainMatcher;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Listener.FilterChain;
import dev.outrider.xds.model.Listener.FilterChainMatch;
import dev.outrider.xds.model.Listener.SourceType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What is decided once a connection: its filter chain, by port, transport and ALPN, among few and among many. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class ConnectionStages {

    private static final List<String> ISTIO_ALPN = List.of("istio-http/1.0", "istio-http/1.1", "istio-h2");

    @Param({"10", "10000"})
    public int chains;

    private FilterChainMatcher matcher;
    private DownstreamConnection connection;

    @Setup
    public void compile() {
        Bootstrap bootstrap = Fixture.bootstrap(0);
        Listener listener = Fixture.listener(bootstrap);
        FilterChain model = listener.filterChains().getFirst();
        List<Chain> all = new ArrayList<>();
        for (int i = 0; i < chains; i++) {
            FilterChainMatch match = new FilterChainMatch(
                    Fixture.LOCAL.getPort() + i, List.of(), List.of(), SourceType.ANY, List.of(), List.of(), List.of(), "tls", ISTIO_ALPN);
            FilterChain chain = new FilterChain("chain-" + i, match, model.filters(), model.transportSocket(), 0, model.metadata());
            all.add(new Chain(chain, null, (accepted, pipeline) -> {}));
        }
        matcher = new FilterChainMatcher(all, null);
        connection = Fixture.connection(listener);
        connection.transportProtocol("tls");
        connection.offeredAlpn(List.of("istio-http/1.1", "istio", "http/1.1"));
    }

    @Benchmark
    public @Nullable Chain filterChain() {
        return matcher.find(connection);
    }
}
