package dev.outrider.xds;

import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteConfiguration;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which clusters a resource leads to, so that it takes effect after them (make before break): a server that pushes clusters, endpoints, listeners
 * and routes in that order still has the routes arrive before the endpoints of a new cluster were asked for.
 */
final class Destinations {

    private Destinations() {}

    /** Whether {@code model} names a cluster of which {@code which} is true. Clusters that a request's header names are unknown here. */
    static boolean any(@Nullable Object model, Predicate<String> which) {
        return switch (model) {
            case RouteConfiguration routes -> inRoutes(routes, which);
            case Listener listener -> {
                Listener.FilterChain other = listener.defaultFilterChain();
                yield listener.filterChains().stream().anyMatch(chain -> inChain(chain, which)) || other != null && inChain(other, which);
            }
            case null, default -> false;
        };
    }

    private static boolean inChain(Listener.FilterChain chain, Predicate<String> which) {
        for (NetworkFilter filter : chain.filters()) {
            if (filter instanceof NetworkFilter.TcpProxy tcp && tcp.clusters().stream().anyMatch(one -> which.test(one.cluster()))) {
                return true;
            }
            if (filter instanceof HttpConnectionManager http && http.routes() != null && inRoutes(http.routes(), which)) {
                return true;
            }
        }
        return false;
    }

    private static boolean inRoutes(RouteConfiguration routes, Predicate<String> which) {
        return routes.virtualHosts().stream().flatMap(host -> host.routes().stream())
                .anyMatch(route -> route.action() instanceof RouteAction.Forward forward && inTarget(forward.target(), which));
    }

    private static boolean inTarget(RouteAction.Target target, Predicate<String> which) {
        return switch (target) {
            case RouteAction.Target.Single single -> which.test(single.cluster());
            case RouteAction.Target.Weighted weighted -> weighted.choices().stream().anyMatch(one -> which.test(one.cluster()));
            case RouteAction.Target.ByHeader header -> false;
        };
    }
}
