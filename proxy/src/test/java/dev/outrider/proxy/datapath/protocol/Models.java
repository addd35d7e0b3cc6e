package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.datapath.protocol.reply.LocalReplies;
import dev.outrider.xds.model.AccessLog;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpConnectionManager.PathNormalization.EscapedSlashes;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.TransportSocket;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/** Model records with the defaults that a short configuration has. */
final class Models {

    private Models() {}

    static Listener listener(Listener.Direction direction) {
        return new Listener("l", new Address.Ip(InetAddress.getLoopbackAddress(), 8080), List.of(), List.of(), 0, false, List.of(), null, true,
                false, false, false, direction, List.of(), 1024, "", false, Metadata.EMPTY);
    }

    /** A connection manager whose parts can be changed before it is made. */
    static final class Hcm {
        RouteConfiguration routes = routes(forward("/", "app"));
        List<HttpFilter> filters = List.of(new HttpFilter.Router("router", false));
        List<AccessLog> logs = List.of();
        boolean useRemoteAddress;
        HttpConnectionManager.Xfcc xfcc = HttpConnectionManager.Xfcc.SANITIZE;
        HttpConnectionManager.Timeouts timeouts = new HttpConnectionManager.Timeouts(0, 0, 0, 0, 0, 0, 0, 0);
        List<String> upgrades = List.of("websocket");
        HttpConnectionManager.Tracing tracing;
        HttpConnectionManager.LocalReplies localReplies;

        HttpConnectionManager make() {
            return new HttpConnectionManager("t", HttpConnectionManager.CodecType.HTTP1, null, routes, filters, logs, false,
                    new HttpConnectionManager.Forwarding(useRemoteAddress, 0, false, false, "", true, false, false, xfcc,
                            new HttpConnectionManager.XfccParts(true, false, false, true, true), List.of(), false),
                    new HttpConnectionManager.ServerHeader("envoy", HttpConnectionManager.ServerHeader.Transformation.OVERWRITE),
                    new HttpConnectionManager.PathNormalization(true, false, EscapedSlashes.KEEP),
                    new HttpConnectionManager.Limits(61440, 100, HttpConnectionManager.Limits.Underscores.ALLOW),
                    new HttpConnectionManager.Http1Options(false, "", true, false, false, false, false),
                    new HttpConnectionManager.Http2Options(100, 65535, 65535, false), upgrades, timeouts,
                    new HttpConnectionManager.HostPort(false, false, false), false, false, tracing, localReplies);
        }
    }

    static RouteConfiguration routes(Route... routes) {
        return new RouteConfiguration("rc",
                List.of(new RouteConfiguration.VirtualHost("vh", List.of("*"), List.of(routes), RouteConfiguration.RequireTls.NONE,
                        RouteConfiguration.HeaderMutations.NONE, true, false, Map.of(), Metadata.EMPTY)),
                RouteConfiguration.HeaderMutations.NONE, List.of(), false, false, false, 4096, Map.of());
    }

    static Route route(String prefix, RouteAction action) {
        return new Route("r" + prefix, new Route.Match(new Route.PathMatch.Prefix(prefix), true, List.of(), List.of(), List.of(), null, false, null),
                action, RouteConfiguration.HeaderMutations.NONE, Map.of(), Metadata.EMPTY, "", true, "");
    }

    static Route forward(String prefix, String cluster) {
        return route(prefix, forward(cluster, 0, null, List.of()));
    }

    static RouteAction.Forward forward(String cluster, long timeoutNanos, RouteAction.RetryPolicy retry, List<RouteAction.Mirror> mirrors) {
        return new RouteAction.Forward(new RouteAction.Target.Single(cluster), 503, null, null, false, timeoutNanos, -1, 0, -1, retry,
                mirrors, List.of(), Map.of(), RouteAction.Priority.DEFAULT, Map.of());
    }

    static RouteAction.RetryPolicy retry(int times, String... on) {
        return new RouteAction.RetryPolicy(List.of(on), times, 0, 0, List.of(), List.of(), List.of(), true, 5, false, 0, 1, 1);
    }

    static Cluster cluster(String name) {
        Cluster.CircuitBreakers.Threshold some = new Cluster.CircuitBreakers.Threshold(1024, 1024, 1024, 3, -1, 3);
        return new Cluster(name, "", Cluster.Discovery.STATIC, null, null, Cluster.LbPolicy.ROUND_ROBIN,
                new Cluster.LbConfig(50, false, 2, 1, 1024, 8_388_608, 65537, 0, 1, 10), 1_000_000_000,
                new Cluster.CircuitBreakers(some, some), null, new TransportSocket.RawBuffer(), List.of(),
                http(), List.of(), null, null,
                new Cluster.Dns(0, false, Cluster.Dns.Family.AUTO, 0), 0, null, 0, 1024, Metadata.EMPTY);
    }

    static Cluster.HttpProtocolOptions http() {
        return new Cluster.HttpProtocolOptions(Cluster.HttpProtocolOptions.Protocol.HTTP1, 0, 0, 0, 0, 100, 65535, 65535, false, false, false,
                false, 0, 0);
    }

    static ClusterLoadAssignment.Endpoint endpoint(int port) {
        return new ClusterLoadAssignment.Endpoint(new Address.Ip(InetAddress.getLoopbackAddress(), port), List.of(), "",
                ClusterLoadAssignment.Health.HEALTHY, 1, Metadata.EMPTY);
    }
}
