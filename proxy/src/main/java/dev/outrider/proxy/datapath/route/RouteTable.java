package dev.outrider.proxy.datapath.route;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.RouteConfiguration.HeaderMutations;
import dev.outrider.xds.model.RouteConfiguration.VirtualHost;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A compiled route configuration: virtual hosts by exact domain, longest suffix wildcard, longest prefix wildcard, then {@code *}; within one,
 * the first route that matches. Immutable; any loop. A look-up costs the same for ten virtual hosts and for ten thousand.
 */
public final class RouteTable {

    private final RouteConfiguration model;
    private final Map<String, HostProgram> exact = new HashMap<>();
    /** Wildcards by length, longest first: {@code *.example.com} as {@code .example.com}, {@code example.*} as {@code example.}. */
    private final TreeMap<Integer, Map<String, HostProgram>> suffixes = new TreeMap<>((a, b) -> b - a);
    private final TreeMap<Integer, Map<String, HostProgram>> prefixes = new TreeMap<>((a, b) -> b - a);
    private final @Nullable HostProgram any;
    private final boolean onlyAny;
    private final RouteDecision toTls;
    private final HeaderName[] internalOnly;

    private RouteTable(RouteConfiguration model) {
        this.model = model;
        HostProgram catchAll = null;
        for (VirtualHost host : model.virtualHosts()) {
            HostProgram program = new HostProgram(host, model);
            for (String domain : host.domains()) {
                String name = domain.toLowerCase(Locale.ROOT);
                if (name.equals("*")) {
                    catchAll = program;
                } else if (name.startsWith("*")) {
                    suffixes.computeIfAbsent(name.length() - 1, n -> new HashMap<>()).put(name.substring(1), program);
                } else if (name.endsWith("*")) {
                    prefixes.computeIfAbsent(name.length() - 1, n -> new HashMap<>()).put(name.substring(0, name.length() - 1), program);
                } else {
                    exact.put(name, program);
                }
            }
        }
        any = catchAll;
        onlyAny = exact.isEmpty() && suffixes.isEmpty() && prefixes.isEmpty();
        toTls = toTls();
        internalOnly = model.internalOnlyHeaders().stream().map(HeaderName::of).toArray(HeaderName[]::new);
    }

    /** Throws IllegalArgumentException for a format or template that cannot be compiled. */
    public static RouteTable compile(RouteConfiguration model) {
        return new RouteTable(model);
    }

    private static RouteDecision toTls() {
        RouteAction.Redirect redirect = new RouteAction.Redirect(null, true, null, 0, null, null, null, 301, false);
        Route.Match match = new Route.Match(new Route.PathMatch.Prefix(""), true, List.of(), List.of(), List.of(), null, false, null);
        Route route = new Route("", match, redirect, HeaderMutations.NONE, Map.of(), Metadata.EMPTY, "", false, "");
        return new RouteDecision(
                new RouteDecision.Compiled(route, null, new PathMatcher.Prefix("", false), null, new RedirectTarget(redirect), null),
                new RouteDecision.Variant("", Map.of(), Map.of(), List.of(), List.of(), null));
    }

    public RouteConfiguration model() {
        return model;
    }

    /** Fields that only internal requests may bring. */
    public void removeInternalOnly(RequestHead head) {
        for (HeaderName name : internalOnly) {
            head.headers().remove(name);
        }
    }

    /** Null: no route (404). */
    public @Nullable RouteDecision route(RouteQuery query) {
        HostProgram host = host(query.head.authority());
        if (host == null) {
            return null;
        }
        RouteConfiguration.RequireTls tls = host.model().requireTls();
        if (tls != RouteConfiguration.RequireTls.NONE && !scheme(query.head).equals("https")
                && (tls == RouteConfiguration.RequireTls.ALL || !query.internal)) {
            return toTls;
        }
        return host.route(query);
    }

    private static String scheme(RequestHead head) {
        String forwarded = head.headers().get(HeaderName.X_FORWARDED_PROTO);
        return forwarded == null ? head.scheme() : forwarded;
    }

    private @Nullable HostProgram host(String authority) {
        if (onlyAny) {
            return any;
        }
        String host = lower(authority);
        if (model.ignorePortInHostMatching()) {
            host = withoutPort(host);
        }
        if (host.isEmpty()) {
            return null;
        }
        HostProgram found = exact.get(host);
        if (found == null && !suffixes.isEmpty()) {
            found = wildcard(suffixes, host, true);
        }
        if (found == null && !prefixes.isEmpty()) {
            found = wildcard(prefixes, host, false);
        }
        return found == null ? any : found;
    }

    private static @Nullable HostProgram wildcard(Map<Integer, Map<String, HostProgram>> byLength, String host, boolean suffix) {
        for (Map.Entry<Integer, Map<String, HostProgram>> entry : byLength.entrySet()) {
            int length = entry.getKey();
            if (length < host.length()) {
                HostProgram found = entry.getValue().get(suffix ? host.substring(host.length() - length) : host.substring(0, length));
                if (found != null) {
                    return found;
                }
            }
        }
        return null;
    }

    private static String lower(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 'A' && c <= 'Z') {
                return text.toLowerCase(Locale.ROOT);
            }
        }
        return text;
    }

    /** {@code host:80} without {@code :80}; IPv6 literals keep their brackets. */
    public static String withoutPort(String host) {
        int colon = host.lastIndexOf(':');
        if (colon < 0 || host.indexOf(']', colon) >= 0) {
            return host;
        }
        return host.substring(0, colon);
    }

    /** Where the path ends: at {@code ?} or {@code #}. */
    public static int pathLength(String path) {
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            if (c == '?' || c == '#') {
                return i;
            }
        }
        return path.length();
    }
}
