package dev.outrider.bench.jmh;

import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.EnvoyConfig;
import dev.outrider.bench.peer.Hop;
import dev.outrider.bench.peer.ProxyPlan;
import dev.outrider.bench.peer.ProxyPlan.Features;
import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.bootstrap.BootstrapLoader;
import dev.outrider.xds.bootstrap.LoadedBootstrap;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/** The models and values that stages are measured on, from the same configuration as the comparison's. */
final class Fixture {

    static final InetSocketAddress CLIENT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 40_000);
    static final InetSocketAddress LOCAL = new InetSocketAddress(InetAddress.getLoopbackAddress(), 8_080);

    private Fixture() {}

    /** One HTTP hop with so many further clusters and virtual hosts, Istio's filters and a JSON access log. */
    static Bootstrap bootstrap(int clusters) {
        ProxyPlan plan = new ProxyPlan(
                "fixture", List.of(new Hop(Hop.Kind.HTTP, Hop.Security.NONE, LOCAL.getPort(), 8_081)), 15_000, new Features(true, true, clusters));
        LoadedBootstrap loaded = BootstrapLoader.load("fixture", new EnvoyConfig(plan, new Credentials("", "", "", ""), "/dev/null").fixed(), true);
        Bootstrap bootstrap = loaded.value();
        if (bootstrap == null) {
            throw new IllegalStateException(loaded.errors().toString());
        }
        return bootstrap;
    }

    static Listener listener(Bootstrap bootstrap) {
        return bootstrap.listeners().getFirst().model();
    }

    static HttpConnectionManager manager(Bootstrap bootstrap) {
        for (NetworkFilter filter : listener(bootstrap).filterChains().getFirst().filters()) {
            if (filter instanceof HttpConnectionManager manager) {
                return manager;
            }
        }
        throw new IllegalStateException("no HTTP connection manager");
    }

    static DownstreamConnection connection(Listener listener) {
        return new DownstreamConnection(1, new EmbeddedChannel(), CLIENT, LOCAL, listener);
    }

    static StreamInfo stream(Listener listener) {
        StreamInfo info = new StreamInfo(connection(listener));
        info.protocol = "HTTP/1.1";
        info.responseCode = 200;
        info.bytesSent = 1_024;
        info.routeName = "default";
        info.upstreamCluster = "outbound|8080||bench.default.svc.cluster.local";
        info.upstreamHost = LOCAL;
        info.requestId = "6a2b1d0e-7a54-4c6e-9c5e-3f8e6b1d2a77";
        info.remote = CLIENT;
        info.startNanos = System.nanoTime();
        info.endNanos = info.startNanos + 1_250_000;
        return info;
    }

    static RequestHead request(String authority) {
        RequestHead head = new RequestHead();
        head.reset("GET", "/bench", authority, "http", RequestHead.Protocol.HTTP_1_1);
        head.headers().add(HeaderName.of("user-agent"), "outrider-bench");
        head.headers().add(HeaderName.of("x-request-id"), "6a2b1d0e-7a54-4c6e-9c5e-3f8e6b1d2a77");
        head.headers().add(HeaderName.of("x-forwarded-for"), "10.0.0.7");
        return head;
    }

    static PeerMetadata peer(String name) {
        return new PeerMetadata(
                "sidecar~10.0.0.7~" + name + ".default~default.svc.cluster.local", name + "-v1-7d8f", "default", name + "-v1",
                "kubernetes://apis/apps/v1/namespaces/default/deployments/" + name + "-v1", "Kubernetes",
                "spiffe://cluster.local/ns/default/sa/" + name, name, "v1", name, "v1", Map.of("app", name, "version", "v1"));
    }
}
