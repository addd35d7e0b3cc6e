package dev.outrider.proxy.explain;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.datapath.filterchain.Chain;
import dev.outrider.proxy.datapath.listener.LiveListener;
import dev.outrider.proxy.datapath.protocol.HttpRehearsal;
import dev.outrider.proxy.datapath.protocol.tcp.TcpProxyProgram;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.TransportSocket;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** From the capturing listener to the filters: which listener, which chain and why, and what sits in it. Steps are added to {@code steps}. */
final class ChainWalk {

    static final String LISTENER = "listener";
    static final String CHAIN = "chain";
    static final String FILTERS = "filters";

    private final Surroundings process;
    private final DataPath path;
    private final List<Step> steps;

    ChainWalk(Surroundings process, List<Step> steps) {
        this.process = process;
        this.path = process.path();
        this.steps = steps;
    }

    /** A connection and the chain that serves it. */
    record Served(DownstreamConnection connection, Chain chain) {}

    /** The listener that serves captured connections to {@code to}; {@code port}: where they are taken to. Null: there is none, and a step says so. */
    @Nullable LiveListener capturing(Listener.Direction direction, int port, InetSocketAddress to) {
        List<LiveListener> all = path.listeners().all().stream()
                .filter(l -> l.model().bindToPort() && l.restoresDestination() && l.model().direction() == direction)
                .toList();
        if (all.isEmpty()) {
            String refusal = process.refusal("LISTENER", direction == Listener.Direction.OUTBOUND ? "virtualOutbound" : "virtualInbound");
            steps.add(Step.problem(LISTENER, "no listener takes captured connections (" + direction.name().toLowerCase(Locale.ROOT) + ")",
                    refusal.isEmpty() ? "the control plane has sent none yet: see outrider status" : "the control plane sent it, and it was refused: " + refusal));
            return null;
        }
        return handedOver(all.stream().filter(l -> l.model().address() instanceof Address.Ip ip && ip.port() == port).findFirst().orElse(all.getFirst()), to);
    }

    /** The listener that is bound at that very address, so that nothing has to be taken: null where there is none. */
    @Nullable LiveListener bound(InetSocketAddress to) {
        for (Map.Entry<String, List<InetSocketAddress>> listener : path.addresses().entrySet()) {
            if (listener.getValue().contains(to)) {
                LiveListener serving = path.listeners().current(listener.getKey());
                if (serving != null) {
                    steps.add(Step.ok(Interception.STAGE, "not needed: the sidecar listens at " + to.getAddress().getHostAddress() + ":" + to.getPort() + " itself"));
                    steps.add(Step.ok(LISTENER, serving.model().name() + ": bound there"));
                    return serving;
                }
            }
        }
        return null;
    }

    /** Where this machine's port is served without being taken: the address of an inbound listener that is bound at it; null where there is none. */
    static @Nullable InetSocketAddress bound(DataPath path, int port) {
        return path.listeners().all().stream()
                .filter(l -> l.model().direction() == Listener.Direction.INBOUND)
                .flatMap(l -> path.addresses().getOrDefault(l.model().name(), List.of()).stream())
                .filter(address -> address.getPort() == port && !address.getAddress().isAnyLocalAddress())
                .findFirst().orElse(null);
    }

    private LiveListener handedOver(LiveListener accepted, InetSocketAddress to) {
        LiveListener serving = path.listeners().successor(accepted, to);
        String by = accepted.model().name() + " (" + accepted.model().address() + ")";
        if (serving != accepted) {
            boolean exact = Stream.concat(Stream.of(serving.model().address()), serving.model().additionalAddresses().stream())
                    .anyMatch(a -> a instanceof Address.Ip ip && ip.ip().equals(to.getAddress()));
            steps.add(Step.ok(LISTENER, serving.model().name() + ": " + (exact ? "the exact address" : "the wildcard of port " + to.getPort()),
                    "accepted and handed over by " + by));
        } else {
            String why = accepted.model().useOriginalDst() ? "no listener has " + to.getAddress().getHostAddress() + ":" + to.getPort() : "it serves captured connections itself";
            steps.add(Step.ok(LISTENER, by + ": " + why));
        }
        return serving;
    }

    /** Null: the connection is closed, and a step says why. */
    @Nullable Served chain(LiveListener listener, Rehearsal rehearsal, String refusedRemedy) {
        DownstreamConnection connection = rehearsal.seenBy(listener);
        Chain chain = listener.chain(connection);
        if (chain == null) {
            steps.add(Step.problem(CHAIN, "none of " + listener.model().filterChains().size() + " fits " + seen(connection)
                    + ": the connection is closed (NR, filter_chain_not_found)", refusedRemedy));
            return null;
        }
        String name = chain.model().name().isEmpty() ? "unnamed" : chain.model().name();
        boolean fallback = chain.model().equals(listener.model().defaultFilterChain());
        steps.add(Step.ok(CHAIN, name + (fallback ? ": the default, as no other fits " : " for ") + seen(connection), reasons(chain.model())));
        filters(chain);
        return new Served(connection, chain);
    }

    private static String seen(DownstreamConnection connection) {
        String protocol = connection.transportProtocol().equals("tls")
                ? "TLS" + (connection.sni().isEmpty() ? "" : " to " + connection.sni())
                : "plaintext";
        return protocol + (connection.offeredAlpn().isEmpty() ? "" : " offering " + String.join(", ", connection.offeredAlpn()));
    }

    private static List<String> reasons(Listener.FilterChain chain) {
        Listener.FilterChainMatch match = chain.match();
        List<String> all = new ArrayList<>();
        add(all, "port", match.destinationPort() == 0 ? List.of() : List.of(match.destinationPort()));
        add(all, "address", match.destinationPrefixes());
        add(all, "server name", match.serverNames());
        add(all, "transport", match.transportProtocol().isEmpty() ? List.of() : List.of(match.transportProtocol()));
        add(all, "ALPN", match.applicationProtocols());
        add(all, "source", match.sourcePrefixes());
        List<String> lines = new ArrayList<>();
        if (!all.isEmpty()) {
            lines.add("matches " + String.join("; ", all));
        }
        if (chain.transportSocket() instanceof TransportSocket.DownstreamTls tls) {
            lines.add("ends TLS" + (tls.requireClientCertificate() ? ", and requires a certificate of the mesh" : ""));
        }
        return lines;
    }

    private static void add(List<String> into, String what, List<?> values) {
        if (!values.isEmpty()) {
            into.add(what + " " + values.stream().map(String::valueOf).collect(Collectors.joining(" or ")));
        }
    }

    private void filters(Chain chain) {
        List<String> names = new ArrayList<>();
        for (NetworkFilter filter : chain.model().filters()) {
            names.add(switch (filter) {
                case HttpConnectionManager http -> "HTTP [" + http.filters().stream().map(ChainWalk::name).collect(Collectors.joining(", ")) + "]";
                case NetworkFilter.TcpProxy tcp -> "TCP";
                case NetworkFilter.MetadataExchange exchange -> "metadata exchange";
                case NetworkFilter.IstioStats stats -> "istio stats";
                case NetworkFilter.NetworkRbac rbac -> "RBAC";
                case NetworkFilter.Observer observer -> observer.name() + " (without effect)";
            });
        }
        boolean ends = HttpRehearsal.of(chain.program()) != null || chain.program() instanceof TcpProxyProgram;
        steps.add(ends ? Step.ok(FILTERS, String.join(", ", names))
                : Step.problem(FILTERS, "none that serves: the connection is closed", "an EnvoyFilter may have removed the last filter of this chain"));
    }

    private static String name(HttpFilter filter) {
        return filter.name().replaceFirst("^(envoy[.]filters[.]http|istio[.]|io[.]istio[.]http)[.]?", "");
    }
}
