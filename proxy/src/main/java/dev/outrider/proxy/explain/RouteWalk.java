package dev.outrider.proxy.explain;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.datapath.protocol.HttpRehearsal;
import dev.outrider.proxy.datapath.protocol.tcp.TcpProxyProgram;
import dev.outrider.proxy.datapath.route.RouteDecision;
import dev.outrider.proxy.datapath.route.RouteTable;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteConfiguration;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** From a chain to the clusters that it leads to: route table, virtual host, route, weights. Steps are added to {@code steps}. */
final class RouteWalk {

    static final String STAGE = "route";

    private final List<Step> steps;

    RouteWalk(List<Step> steps) {
        this.steps = steps;
    }

    /** One of the clusters; {@code percent} of the traffic goes there. */
    record Choice(String cluster, int percent, Map<String, String> subset) {}

    List<Choice> tcp(TcpProxyProgram program, DownstreamConnection connection, boolean callerKnown) {
        String denial = program.wouldDeny(connection);
        if (denial != null) {
            denied(denial, callerKnown);
            if (callerKnown) {
                return List.of();
            }
        }
        List<NetworkFilter.TcpProxy.Weighted> all = program.model().clusters();
        long sum = Math.max(1, all.stream().mapToLong(NetworkFilter.TcpProxy.Weighted::weight).sum());
        return all.stream().map(w -> new Choice(w.cluster(), (int) (100 * w.weight() / sum), Map.of())).filter(c -> all.size() == 1 || c.percent > 0)
                .map(c -> all.size() == 1 ? new Choice(c.cluster, 100, c.subset) : c).toList();
    }

    List<Choice> http(HttpRehearsal http, DownstreamConnection connection, String authority, String path, boolean callerKnown) {
        RouteTable table = http.routes();
        if (table == null) {
            steps.add(Step.problem(STAGE, "the route table " + http.model().rdsName() + " is not there: 404 (NR)", "the control plane has not sent it: see outrider status"));
            return List.of();
        }
        RequestHead request = new RequestHead();
        request.reset("GET", path, authority, connection.tls() == null ? "http" : "https", RequestHead.Protocol.HTTP_1_1);
        HttpRehearsal.Outcome outcome = http.decide(connection, request);
        String where = "table " + (table.model().name().isEmpty() ? "inline" : table.model().name());
        RouteDecision decision = outcome.decision();
        if (decision == null) {
            steps.add(outcome.status() != 0
                    ? Step.problem(STAGE, "GET " + path + " is refused: " + outcome.status() + " (" + outcome.why() + ")", "another path, with --path")
                    : Step.problem(STAGE, where + ": no virtual host or route for GET http://" + authority + path + ": 404 (NR, route_not_found)",
                            "the Host header must be a name of the mesh; a VirtualService for it must match this path"));
            return List.of();
        }
        RouteConfiguration.VirtualHost host = decision.virtualHost();
        Route route = decision.model();
        String what = where + (host == null ? "" : ", virtual host " + host.name()) + ", route " + (route.name().isEmpty() ? "unnamed" : route.name());
        List<Choice> choices = choices(what, decision);
        if (outcome.status() != 0) {
            denied(outcome.why(), callerKnown);
            return callerKnown ? List.of() : choices;
        }
        return choices;
    }

    private void denied(String why, boolean callerKnown) {
        if (callerKnown) {
            steps.add(Step.problem("policy", "denied: " + why, "the AuthorizationPolicy named there must allow this caller"));
        } else {
            steps.add(Step.note("policy", "a caller of unknown identity is denied: " + why, "--from spiffe://... names a caller"));
        }
    }

    private List<Choice> choices(String what, RouteDecision decision) {
        Route route = decision.model();
        List<String> details = new ArrayList<>(List.of(condition(route.match())));
        switch (route.action()) {
            case RouteAction.DirectResponse direct -> {
                boolean good = direct.status() < 400;
                steps.add(new Step(STAGE, good ? Step.Level.OK : Step.Level.PROBLEM, what + ": answered by the sidecar itself, " + direct.status(), details,
                        good ? "" : direct.status() == 502 ? "the mesh allows registered services alone (REGISTRY_ONLY): register this host by a ServiceEntry" : "a VirtualService says so"));
                return List.of();
            }
            case RouteAction.Redirect redirect -> {
                steps.add(Step.ok(STAGE, what + ": a redirect, " + redirect.status(), details));
                return List.of();
            }
            case RouteAction.NonForwarding none -> {
                steps.add(Step.problem(STAGE, what + ": forwards nothing, 500", "the route has no action"));
                return List.of();
            }
            case RouteAction.Forward forward -> {
                details.add(terms(forward));
                steps.add(Step.ok(STAGE, what, details));
                return targets(forward, decision);
            }
        }
    }

    private static List<Choice> targets(RouteAction.Forward forward, RouteDecision decision) {
        if (!(forward.target() instanceof RouteAction.Target.Weighted weighted)) {
            return List.of(new Choice(decision.cluster(), 100, decision.metadataMatch()));
        }
        long sum = Math.max(1, weighted.choices().stream().mapToLong(RouteAction.Target.Choice::weight).sum());
        return weighted.choices().stream().filter(c -> c.weight() > 0)
                .map(c -> new Choice(c.cluster(), (int) (100 * c.weight() / sum), c.metadataMatch())).toList();
    }

    private static String condition(Route.Match match) {
        String path = switch (match.path()) {
            case Route.PathMatch.Prefix prefix -> "prefix " + prefix.prefix();
            case Route.PathMatch.Exact exact -> "path " + exact.path();
            case Route.PathMatch.Regex regex -> "path like " + regex.pattern().pattern();
            case Route.PathMatch.SeparatedPrefix prefix -> "below " + prefix.prefix();
            case Route.PathMatch.UriTemplate template -> "path " + template.template();
            case Route.PathMatch.Connect connect -> "CONNECT";
        };
        int more = match.headers().size() + match.queryParameters().size() + match.dynamicMetadata().size();
        return "matches " + path + (more == 0 ? "" : " and " + more + " more conditions");
    }

    private static String terms(RouteAction.Forward forward) {
        RouteAction.RetryPolicy retry = forward.retry();
        return "time-out " + (forward.timeoutNanos() == 0 ? "none" : Duration.ofNanos(forward.timeoutNanos()).toMillis() + " ms")
                + ", retries " + (retry == null ? "none" : String.valueOf(retry.numRetries()))
                + (forward.mirrors().isEmpty() ? "" : ", mirrored to " + forward.mirrors().stream().map(RouteAction.Mirror::cluster).toList());
    }
}
