package dev.outrider.xds;

import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.TransportSocket;
import dev.outrider.xds.model.TransportSocket.SecretRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What a cluster or a listener needs from elsewhere. Immutable. */
record References(Set<String> endpoints, Set<String> routes, Set<SecretRef> secrets) {

    static final References NONE = new References(Set.of(), Set.of(), Set.of());

    static References of(Cluster cluster) {
        Set<SecretRef> secrets = new LinkedHashSet<>();
        add(cluster.transportSocket(), secrets);
        cluster.transportSocketMatches().forEach(match -> add(match.socket(), secrets));
        return new References(
                cluster.discovery() == Cluster.Discovery.EDS ? Set.of(cluster.edsServiceName()) : Set.of(), Set.of(), secrets);
    }

    static References of(Listener listener) {
        Set<SecretRef> secrets = new LinkedHashSet<>();
        Set<String> routes = new LinkedHashSet<>();
        List<Listener.FilterChain> chains = new ArrayList<>(listener.filterChains());
        if (listener.defaultFilterChain() != null) {
            chains.add(listener.defaultFilterChain());
        }
        for (Listener.FilterChain chain : chains) {
            add(chain.transportSocket(), secrets);
            chain.filters().forEach(filter -> {
                if (filter instanceof HttpConnectionManager http && http.rdsName() != null) {
                    routes.add(http.rdsName());
                }
            });
        }
        return new References(Set.of(), routes, secrets);
    }

    References and(References other) {
        return new References(union(endpoints, other.endpoints), union(routes, other.routes), union(secrets, other.secrets));
    }

    private static <E> Set<E> union(Set<E> one, Set<E> two) {
        Set<E> all = new HashSet<>(one);
        all.addAll(two);
        return all;
    }

    private static void add(TransportSocket socket, Set<SecretRef> into) {
        TransportSocket.TlsContext tls = switch (socket) {
            case TransportSocket.RawBuffer raw -> null;
            case TransportSocket.DownstreamTls down -> down.common();
            case TransportSocket.UpstreamTls up -> up.common();
        };
        if (tls != null) {
            into.addAll(tls.certificateSecrets());
            if (tls.validationSecret() != null) {
                into.add(tls.validationSecret());
            }
        }
    }
}
