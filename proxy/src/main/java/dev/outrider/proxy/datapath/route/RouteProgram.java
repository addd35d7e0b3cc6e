package dev.outrider.proxy.datapath.route;

import dev.outrider.proxy.connection.MetadataMatch;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.relay.http.ForwardPlan;
import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.telemetry.accesslog.GrpcStatus;
import dev.outrider.xds.model.HttpFilter.PerRoute;
import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteAction.Target;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.RouteConfiguration.HeaderMutations;
import dev.outrider.xds.model.RouteConfiguration.VirtualHost;
import dev.outrider.xds.model.match.Matchers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One route, compiled: its tests and the decisions it can lead to. Immutable. */
final class RouteProgram {

    private final PathMatcher path;
    private final Route.Match match;
    private final HeaderMatch[] headers;
    private final @Nullable HeaderName clusterHeader;
    private final @Nullable HeaderName randomHeader;
    private final RouteDecision[] decisions;
    /** Upper bound (exclusive) of each decision's share. */
    private final long[] shares;
    private final long totalWeight;

    RouteProgram(Route route, VirtualHost host, RouteConfiguration table) {
        match = route.match();
        path = PathMatcher.compile(match.path(), match.caseSensitive());
        headers = HeaderMatch.compile(match.headers());
        RouteAction.Forward forward = route.action() instanceof RouteAction.Forward f ? f : null;
        ForwardPlan plan = forward == null
                ? null : new ForwardPlan(forward, host.includeRequestAttemptCount(), host.includeAttemptCountInResponse());
        RedirectTarget redirect = route.action() instanceof RouteAction.Redirect r ? new RedirectTarget(r) : null;
        RouteDecision.Compiled compiled = new RouteDecision.Compiled(
                route, host, path, plan, redirect, forward == null ? null : Rewriter.of(forward));
        Target target = forward == null ? new Target.Single("") : forward.target();
        Map<String, String> subset = forward == null ? Map.of() : forward.metadataMatch();
        if (target instanceof Target.Weighted weighted) {
            List<Target.Choice> choices = weighted.choices();
            decisions = new RouteDecision[choices.size()];
            shares = new long[choices.size()];
            long sum = 0;
            for (int i = 0; i < decisions.length; i++) {
                Target.Choice choice = choices.get(i);
                sum += choice.weight();
                shares[i] = sum;
                decisions[i] = new RouteDecision(compiled, variant(route, host, table, subset, choice));
            }
            totalWeight = Math.max(1, sum);
            randomHeader = weighted.headerName().isEmpty() ? null : HeaderName.of(weighted.headerName());
            clusterHeader = null;
        } else {
            String name = target instanceof Target.Single(String cluster) ? cluster : "";
            Target.Choice only = new Target.Choice(name, "", 1, HeaderMutations.NONE, null, Map.of(), Map.of());
            decisions = new RouteDecision[] {new RouteDecision(compiled, variant(route, host, table, subset, only))};
            shares = new long[] {1};
            totalWeight = 1;
            randomHeader = null;
            clusterHeader = target instanceof Target.ByHeader(String header) ? HeaderName.of(header) : null;
        }
    }

    private static RouteDecision.Variant variant(
            Route route, VirtualHost host, RouteConfiguration table, Map<String, String> subset, Target.Choice choice) {
        Map<String, PerRoute> perFilter = new HashMap<>(table.perFilter());
        perFilter.putAll(host.perFilter());
        perFilter.putAll(route.perFilter());
        perFilter.putAll(choice.perFilter());
        Map<String, String> match = new HashMap<>(subset);
        match.putAll(choice.metadataMatch());
        List<HeaderMutations> levels = table.mostSpecificHeaderMutationsWins()
                ? List.of(choice.headers(), table.headers(), host.headers(), route.headers())
                : List.of(choice.headers(), route.headers(), host.headers(), table.headers());
        List<HeaderEdits> request = new ArrayList<>();
        List<HeaderEdits> response = new ArrayList<>();
        for (HeaderMutations level : levels) {
            request.add(new HeaderEdits(level.requestAdd(), level.requestRemove()));
            response.add(new HeaderEdits(level.responseAdd(), level.responseRemove()));
        }
        return new RouteDecision.Variant(
                choice.clusterHeader().isEmpty() ? choice.cluster() : "",
                Map.copyOf(perFilter),
                Map.copyOf(match),
                request.stream().filter(e -> !e.isEmpty()).toList(),
                response.stream().filter(e -> !e.isEmpty()).toList(),
                choice.hostRewriteLiteral());
    }

    PathMatcher path() {
        return path;
    }

    boolean matches(RouteQuery query, String text, int length, boolean connect) {
        if (connect ? !(path instanceof PathMatcher.Connect) : !path.matches(text, length)) {
            return false;
        }
        Matchers.Fraction share = match.runtimeFraction();
        return (share == null || query.random % share.denominator() < share.numerator())
                && (!match.grpcOnly() || GrpcStatus.isGrpc(query.head.headers()))
                && HeaderMatch.all(headers, query.head)
                && (match.queryParameters().isEmpty() || QueryParameters.match(match.queryParameters(), text))
                && tls(query)
                && (match.dynamicMetadata().isEmpty() || metadata(query));
    }

    private boolean tls(RouteQuery query) {
        Route.TlsMatch wanted = match.tls();
        if (wanted == null) {
            return true;
        }
        TlsPeer peer = query.tls();
        boolean presented = peer != null && peer.presented();
        boolean validated = peer != null && peer.validated();
        return (wanted.presented() == null || wanted.presented() == presented) && (wanted.validated() == null || wanted.validated() == validated);
    }

    private boolean metadata(RouteQuery query) {
        for (Matchers.MetadataPath wanted : match.dynamicMetadata()) {
            if (!MetadataMatch.matches(wanted, query.info.dynamicMetadata())) {
                return false;
            }
        }
        return true;
    }

    RouteDecision decide(RouteQuery query) {
        if (clusterHeader != null) {
            String name = HeaderMatch.field(query.head, clusterHeader);
            return name == null || name.isEmpty() ? decisions[0] : decisions[0].withCluster(name);
        }
        if (decisions.length == 1) {
            return byHeader(decisions[0], 0, query);
        }
        long point = Math.floorMod(randomHeader == null ? query.random : headerRandom(query), totalWeight);
        int i = 0;
        while (i < decisions.length - 1 && point >= shares[i]) {
            i++;
        }
        return byHeader(decisions[i], i, query);
    }

    /** A weighted choice whose cluster a header names. */
    private RouteDecision byHeader(RouteDecision decision, int choice, RouteQuery query) {
        if (!decision.cluster().isEmpty() || !(decision.model().action() instanceof RouteAction.Forward forward)
                || !(forward.target() instanceof Target.Weighted weighted)) {
            return decision;
        }
        String header = weighted.choices().get(choice).clusterHeader();
        String name = header.isEmpty() ? null : HeaderMatch.field(query.head, HeaderName.of(header));
        return name == null ? decision : decision.withCluster(name);
    }

    private long headerRandom(RouteQuery query) {
        String text = randomHeader == null ? null : query.head.headers().get(randomHeader);
        try {
            return text == null ? query.random : Long.parseUnsignedLong(text);
        } catch (NumberFormatException e) {
            return query.random;
        }
    }
}
