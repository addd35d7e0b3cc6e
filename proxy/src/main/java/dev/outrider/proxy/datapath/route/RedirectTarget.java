package dev.outrider.proxy.datapath.route;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.RouteAction.Redirect;
import org.jspecify.annotations.Nullable;

/** Makes the Location of a redirect (Envoy's newUri). Immutable. */
final class RedirectTarget {

    private final Redirect model;
    private final @Nullable RegexRewriter regex;

    RedirectTarget(Redirect model) {
        this.model = model;
        regex = model.regexRewrite() == null ? null : new RegexRewriter(model.regexRewrite());
    }

    String location(RequestHead head, PathMatcher matched) {
        String scheme = model.scheme();
        if (scheme == null || scheme.isEmpty()) {
            scheme = model.https() ? "https" : head.scheme();
        }
        String port = model.port() == 0 ? "" : ":" + model.port();
        String host = model.host();
        if (host == null || host.isEmpty()) {
            host = host(head, scheme, !port.isEmpty());
        }
        return scheme + "://" + host + port + path(head.path(), matched);
    }

    /** The request's host; its port goes when a new one comes, or when it is the default of a scheme that changes. */
    private static String host(RequestHead head, String scheme, boolean newPort) {
        String host = head.authority();
        int colon = host.lastIndexOf(':');
        if (colon < 0 || host.startsWith("[") && colon < host.indexOf(']')) {
            return host;
        }
        boolean remove = newPort;
        String forwarded = head.headers().get(HeaderName.X_FORWARDED_PROTO);
        String proto = forwarded == null ? head.scheme() : forwarded;
        if (!scheme.equals(proto)) {
            String port = host.substring(colon);
            remove |= proto.equals("https") && port.equals(":443") || proto.equals("http") && port.equals(":80");
        }
        return remove ? host.substring(0, colon) : host;
    }

    private String path(String before, PathMatcher matched) {
        String literal = model.path();
        if (literal != null && !literal.isEmpty()) {
            int query = before.indexOf('?');
            return literal.indexOf('?') >= 0 || query < 0 || model.stripQuery() ? literal : literal + before.substring(query);
        }
        String after = before;
        if (model.prefixRewrite() != null && !model.prefixRewrite().isEmpty()) {
            after = Rewriter.prefix(before, matched, model.prefixRewrite());
        } else if (regex != null) {
            after = Rewriter.whole(before, regex);
        }
        int query = after.indexOf('?');
        return model.stripQuery() && query >= 0 ? after.substring(0, query) : after;
    }
}
