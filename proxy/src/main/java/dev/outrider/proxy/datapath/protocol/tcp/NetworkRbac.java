package dev.outrider.proxy.datapath.protocol.tcp;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.Rbac;
import dev.outrider.xds.model.Rbac.Permission;
import dev.outrider.xds.model.Rbac.Principal;
import dev.outrider.xds.model.match.Matchers;
import dev.outrider.xds.model.match.StringMatcher;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * envoy.filters.network.rbac on one connection. Envoy decides on the client's first byte; here it is decided when the connection is
 * served, since nothing that a rule may ask of a TCP connection changes later: what is denied never reaches the upstream. Rules about HTTP
 * (headers, paths) match nothing, as in Envoy. Immutable, any loop.
 */
final class NetworkRbac {

    private final @Nullable Rbac rules;
    private final @Nullable Rbac shadow;
    private final Counter allowed;
    private final Counter denied;
    private final Counter shadowAllowed;
    private final Counter shadowDenied;

    NetworkRbac(NetworkFilter.NetworkRbac config, Stats stats) {
        rules = config.rules();
        shadow = config.shadowRules();
        allowed = stats.counter(config.statPrefix() + "rbac.allowed");
        denied = stats.counter(config.statPrefix() + "rbac.denied");
        shadowAllowed = stats.counter(config.statPrefix() + "rbac." + config.shadowStatPrefix() + "shadow_allowed");
        shadowDenied = stats.counter(config.statPrefix() + "rbac." + config.shadowStatPrefix() + "shadow_denied");
    }

    /** Null = go on; else the termination details. */
    @Nullable String denial(DownstreamConnection connection) {
        if (shadow != null) {
            (allows(shadow, match(shadow, connection)) ? shadowAllowed : shadowDenied).inc();
        }
        if (rules == null) {
            return null;
        }
        String denial = wouldDeny(connection);
        (denial == null ? allowed : denied).inc();
        return denial;
    }

    /** The same, without counting. */
    @Nullable String wouldDeny(DownstreamConnection connection) {
        if (rules == null) {
            return null;
        }
        String policy = match(rules, connection);
        return allows(rules, policy) ? null : "rbac_access_denied_matched_policy[" + (policy == null ? "none" : policy) + "]";
    }

    private static boolean allows(Rbac rbac, @Nullable String policy) {
        return switch (rbac.action()) {
            case ALLOW -> policy != null;
            case DENY -> policy == null;
            case LOG -> true;
        };
    }

    /** The first policy that matches, in their order, or null. */
    private static @Nullable String match(Rbac rbac, DownstreamConnection c) {
        for (Map.Entry<String, Rbac.Policy> policy : rbac.policies().entrySet()) {
            if (policy.getValue().permissions().stream().anyMatch(p -> permits(p, c))
                    && policy.getValue().principals().stream().anyMatch(p -> is(p, c))) {
                return policy.getKey();
            }
        }
        return null;
    }

    private static boolean permits(Permission permission, DownstreamConnection c) {
        int port = c.destination().getPort();
        return switch (permission) {
            case Permission.Any any -> true;
            case Permission.And and -> and.rules().stream().allMatch(p -> permits(p, c));
            case Permission.Or or -> or.rules().stream().anyMatch(p -> permits(p, c));
            case Permission.Not not -> !permits(not.rule(), c);
            case Permission.DestinationIp ip -> ip.range().contains(c.destination().getAddress());
            case Permission.DestinationPort wanted -> port == wanted.port();
            case Permission.DestinationPortRange range -> port >= range.start() && port < range.end();
            case Permission.RequestedServerName name -> name.matcher().matches(c.sni());
            case Permission.MetadataIs metadata -> absent(metadata.matcher());
            case Permission.Header header -> absent(header.matcher());
            case Permission.UrlPath path -> false;
            case Permission.UriTemplate template -> false;
        };
    }

    private static boolean is(Principal principal, DownstreamConnection c) {
        return switch (principal) {
            case Principal.Any any -> true;
            case Principal.And and -> and.ids().stream().allMatch(p -> is(p, c));
            case Principal.Or or -> or.ids().stream().anyMatch(p -> is(p, c));
            case Principal.Not not -> !is(not.id(), c);
            case Principal.Authenticated authenticated -> authenticated(authenticated.name(), c.tls());
            case Principal.SourceIp source -> source.range().contains(c.directRemote().getAddress());
            case Principal.MetadataIs metadata -> absent(metadata.matcher());
            case Principal.FilterState state -> filterState(state, c.tls());
            case Principal.Header header -> absent(header.matcher());
            case Principal.UrlPath path -> false;
        };
    }

    /** A field that is not there matches only a test of absence, inverted or not; or as the empty text, where that is asked. */
    private static boolean absent(Matchers.Header matcher) {
        return switch (matcher.test()) {
            case Matchers.HeaderTest.Presence presence -> presence.present() == matcher.invert();
            case Matchers.HeaderTest.Value value -> matcher.missingIsEmpty() && value.matcher().matches("") != matcher.invert();
            case Matchers.HeaderTest.Range range -> matcher.missingIsEmpty() && matcher.invert();
        };
    }

    /** TCP connections carry no dynamic metadata. */
    private static boolean absent(Matchers.MetadataPath matcher) {
        return matcher.invert() != (matcher.value() instanceof Matchers.ValueTest.Present present && !present.present());
    }

    private static boolean authenticated(@Nullable StringMatcher name, @Nullable TlsPeer peer) {
        if (peer == null || !peer.validated()) {
            return false;
        }
        if (name == null) {
            return true;
        }
        List<String> names = !peer.uriSans().isEmpty() ? peer.uriSans() : peer.dnsSans();
        return names.isEmpty() ? name.matches(peer.subject()) : names.stream().anyMatch(name::matches);
    }

    /** Istio's newer form of the peer's identity. */
    private static boolean filterState(Principal.FilterState state, @Nullable TlsPeer peer) {
        return state.key().equals("io.istio.peer_principal") && peer != null && peer.validated() && state.matcher().matches(peer.identity());
    }
}
