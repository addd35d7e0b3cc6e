package dev.outrider.xds;

import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import dev.outrider.xds.model.source.ResourceRef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a cluster or a listener needs from elsewhere. Immutable. */
record References(Set<ResourceRef> endpoints, Set<ResourceRef> routes, Set<ResourceRef> secrets, Set<String> files) {

    static final References NONE = new References(Set.of(), Set.of(), Set.of(), Set.of());

    static References of(Cluster cluster) {
        Set<ResourceRef> secrets = new LinkedHashSet<>();
        Set<String> files = new LinkedHashSet<>();
        add(cluster.transportSocket(), secrets, files);
        cluster.transportSocketMatches().forEach(match -> add(match.socket(), secrets, files));
        return new References(
                cluster.eds() == null ? Set.of() : Set.of(cluster.eds()), Set.of(), secrets, files);
    }

    static References of(Listener listener) {
        Set<ResourceRef> secrets = new LinkedHashSet<>();
        Set<String> files = new LinkedHashSet<>();
        Set<ResourceRef> routes = new LinkedHashSet<>();
        List<Listener.FilterChain> chains = new ArrayList<>(listener.filterChains());
        if (listener.defaultFilterChain() != null) {
            chains.add(listener.defaultFilterChain());
        }
        for (Listener.FilterChain chain : chains) {
            add(chain.transportSocket(), secrets, files);
            chain.filters().forEach(filter -> {
                if (filter instanceof HttpConnectionManager http && http.rds() != null) {
                    routes.add(http.rds());
                }
            });
        }
        return new References(Set.of(), routes, secrets, files);
    }

    References and(References other) {
        return new References(union(endpoints, other.endpoints), union(routes, other.routes), union(secrets, other.secrets),
                union(files, other.files));
    }

    /** What is not there yet, in words; "" = nothing. The predicates say which names are there. */
    String missing(Predicate<String> endpointsThere, Predicate<String> routesThere, Predicate<String> secretsThere) {
        List<String> lacking = new ArrayList<>();
        add("endpoints", endpoints, endpointsThere, lacking);
        add("routes", routes, routesThere, lacking);
        add("secret", secrets, secretsThere, lacking);
        return lacking.isEmpty() ? "" : "waits for " + String.join(", ", lacking);
    }

    private static void add(String word, Set<ResourceRef> references, Predicate<String> there, List<String> lacking) {
        references.stream().filter(reference -> !there.test(reference.name()))
                .forEach(reference -> lacking.add(word + " '" + reference.name() + "'"));
    }

    private static <E> Set<E> union(Set<E> one, Set<E> two) {
        Set<E> all = new HashSet<>(one);
        all.addAll(two);
        return all;
    }

    static References of(Secret secret) {
        Set<String> files = new LinkedHashSet<>();
        files(secret, files);
        return new References(Set.of(), Set.of(), Set.of(), files);
    }

    private static void files(Secret secret, Set<String> into) {
        switch (secret) {
            case Secret.Certificate certificate -> {
                addPath(certificate.chainPath(), into);
                addPath(certificate.keyPath(), into);
            }
            case Secret.Validation validation -> addPath(validation.trustedCaPath(), into);
        }
    }

    private static void addPath(@Nullable String path, Set<String> into) {
        if (path != null) {
            into.add(path);
        }
    }

    private static void add(TransportSocket socket, Set<ResourceRef> into, Set<String> files) {
        TransportSocket.TlsContext tls = switch (socket) {
            case TransportSocket.RawBuffer raw -> null;
            case TransportSocket.DownstreamTls down -> down.common();
            case TransportSocket.UpstreamTls up -> up.common();
        };
        if (tls != null) {
            tls.certificates().forEach(certificate -> files(certificate, files));
            if (tls.validation() != null) {
                files(tls.validation(), files);
            }
            into.addAll(tls.certificateSecrets());
            if (tls.validationSecret() != null) {
                into.add(tls.validationSecret());
            }
        }
    }
}
