package dev.outrider.proxy.datapath.route;

import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteAction.HostRewrite;
import dev.outrider.xds.model.RouteAction.Rewrite;
import org.jspecify.annotations.Nullable;

/** Path and host rewrites of a forwarding route. Immutable. */
final class Rewriter {

    private static final HeaderName ORIGINAL_HOST = HeaderName.of("x-envoy-original-host");


    private final @Nullable Rewrite path;
    private final @Nullable RegexRewriter pathRegex;
    private final @Nullable HostRewrite host;
    private final @Nullable RegexRewriter hostRegex;
    private final boolean appendForwardedHost;

    private Rewriter(RouteAction.Forward model) {
        path = model.rewrite();
        pathRegex = path instanceof Rewrite.Regex(var rewrite) ? new RegexRewriter(rewrite) : null;
        host = model.hostRewrite();
        hostRegex = host instanceof HostRewrite.PathRegex(var rewrite) ? new RegexRewriter(rewrite) : null;
        appendForwardedHost = model.appendXForwardedHost();
    }

    /** Null where there is nothing to rewrite. */
    static @Nullable Rewriter of(RouteAction.Forward model) {
        return model.rewrite() == null && model.hostRewrite() == null && !model.appendXForwardedHost() ? null : new Rewriter(model);
    }

    boolean appendsForwardedHost() {
        return appendForwardedHost;
    }

    /** All host rewrites but that by the endpoint's name, which is the router's. */
    void host(RequestHead head) {
        switch (host) {
            case null -> {}
            case HostRewrite.Literal(String literal) -> host(head, literal, appendForwardedHost);
            case HostRewrite.FromHeader(String name) -> {
                String value = HeaderMatch.field(head, HeaderName.of(name));
                if (value != null && !value.isEmpty()) {
                    host(head, value, appendForwardedHost);
                }
            }
            case HostRewrite.PathRegex r -> {
                if (hostRegex != null) {
                    host(head, hostRegex.apply(head.path().substring(0, RouteTable.pathLength(head.path()))), appendForwardedHost);
                }
            }
            case HostRewrite.Auto a -> {}
        }
    }

    static void host(RequestHead head, String value, boolean append) {
        if (append && !head.authority().equals(value)) {
            String there = head.headers().joined(HeaderName.X_FORWARDED_HOST);
            head.headers().set(HeaderName.X_FORWARDED_HOST, there == null ? head.authority() : there + "," + head.authority());
        }
        if (!head.authority().equals(value)) {
            head.headers().set(ORIGINAL_HOST, head.authority());
            head.authority(value);
        }
    }

    String path(String before, PathMatcher matched) {
        return switch (path) {
            case null -> before;
            case Rewrite.Prefix(String replacement) -> prefix(before, matched, replacement);
            case Rewrite.Regex r -> pathRegex == null ? before : whole(before, pathRegex);
            case Rewrite.Path(String literal) -> literal + before.substring(RouteTable.pathLength(before));
        };
    }

    static String prefix(String before, PathMatcher matched, String replacement) {
        return replacement + before.substring(matched.matched(RouteTable.pathLength(before)));
    }

    static String whole(String before, RegexRewriter regex) {
        int length = RouteTable.pathLength(before);
        return regex.apply(before.substring(0, length)) + before.substring(length);
    }
}
