package dev.outrider.proxy.datapath.route;

import dev.outrider.proxy.datapath.relay.http.ForwardPlan;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.xds.model.HttpFilter.PerRoute;
import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteConfiguration.VirtualHost;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was decided for a request: the route and, for forwarding ones, the cluster. Made when the table is compiled (but for clusters that a
 * header names), immutable, shared by all loops.
 */
public final class RouteDecision {

    private static final HeaderName ORIGINAL_PATH = HeaderName.of("x-envoy-original-path");

    private final Compiled route;
    private final String cluster;
    private final Map<String, PerRoute> perFilter;
    private final Map<String, String> metadataMatch;
    private final HeaderEdits[] requestEdits;
    private final HeaderEdits[] responseEdits;
    private final @Nullable String hostLiteral;

    /** What the decisions of one route share. */
    record Compiled(
            Route model,
            @Nullable VirtualHost virtualHost,
            PathMatcher path,
            @Nullable ForwardPlan plan,
            @Nullable RedirectTarget redirect,
            @Nullable Rewriter rewriter) {}

    /** What differs by weighted cluster. */
    record Variant(
            String cluster,
            Map<String, PerRoute> perFilter,
            Map<String, String> metadataMatch,
            List<HeaderEdits> requestEdits,
            List<HeaderEdits> responseEdits,
            @Nullable String hostLiteral) {}

    RouteDecision(Compiled route, Variant variant) {
        this.route = route;
        cluster = variant.cluster;
        perFilter = variant.perFilter;
        metadataMatch = variant.metadataMatch;
        requestEdits = variant.requestEdits.toArray(HeaderEdits[]::new);
        responseEdits = variant.responseEdits.toArray(HeaderEdits[]::new);
        hostLiteral = variant.hostLiteral;
    }

    RouteDecision withCluster(String name) {
        return new RouteDecision(route, new Variant(
                name, perFilter, metadataMatch, List.of(requestEdits), List.of(responseEdits), hostLiteral));
    }

    public Route model() {
        return route.model;
    }

    /** Null for the redirect that {@code require_tls} makes. */
    public @Nullable VirtualHost virtualHost() {
        return route.virtualHost;
    }

    /** Null unless the route forwards. */
    public @Nullable ForwardPlan plan() {
        return route.plan;
    }

    /** "" where a header that should name it is missing, or where the route does not forward. */
    public String cluster() {
        return cluster;
    }

    /** Subset of endpoints asked for by the route or its weighted cluster. */
    public Map<String, String> metadataMatch() {
        return metadataMatch;
    }

    /** The most specific configuration of a filter, or null: weighted cluster, route, virtual host, route configuration. */
    public @Nullable PerRoute perFilter(String filter) {
        return perFilter.isEmpty() ? null : perFilter.get(filter);
    }

    /** The Location of a redirect; null where the route does not redirect. */
    public @Nullable String location(RequestHead head) {
        RedirectTarget redirect = route.redirect;
        return redirect == null ? null : redirect.location(head, route.path);
    }

    /** Header changes, then host and path rewrites, on the request as it will go upstream. */
    public void finishRequest(RequestHead head, LogContext context, boolean keepOriginalPath) {
        for (HeaderEdits edits : requestEdits) {
            edits.apply(head, context);
        }
        Rewriter rewriter = route.rewriter;
        if (rewriter == null && hostLiteral == null) {
            return;
        }
        if (hostLiteral != null) {
            Rewriter.host(head, hostLiteral, rewriter != null && rewriter.appendsForwardedHost());
        }
        if (rewriter == null) {
            return;
        }
        if (hostLiteral == null) {
            rewriter.host(head);
        }
        String before = head.path();
        String after = rewriter.path(before, route.path);
        if (!after.equals(before)) {
            if (keepOriginalPath) {
                head.headers().set(ORIGINAL_PATH, before);
            }
            head.path(after);
        }
    }

    /** Header changes on an answer, local ones included. */
    public void finishResponse(ResponseHead head, LogContext context) {
        for (HeaderEdits edits : responseEdits) {
            edits.apply(head, context);
        }
    }
}
