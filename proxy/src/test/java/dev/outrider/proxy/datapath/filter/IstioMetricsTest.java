package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.NetworkFilter.StatsConfig;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class IstioMetricsTest {

    private static final String SOURCE = "source_workload=productpage-v1;source_canonical_service=productpage;source_canonical_revision=v1;"
            + "source_workload_namespace=web;source_principal=unknown;source_app=productpage;source_version=v1;source_cluster=c-web;";
    private static final String DESTINATION = "destination_workload=reviews-v2;destination_workload_namespace=shop;destination_principal=unknown;"
            + "destination_app=reviews;destination_version=v2;";
    private static final String SERVICE = "destination_service=reviews.shop.svc.cluster.local;destination_canonical_service=reviews;"
            + "destination_canonical_revision=v2;destination_service_name=reviews;destination_service_namespace=shop;destination_cluster=c-shop;";

    private final PeerMetadata productpage = peer("productpage", "v1", "web");
    private final PeerMetadata reviews = peer("reviews", "v2", "shop");
    private final Stats stats = new Stats();

    private static PeerMetadata peer(String app, String version, String namespace) {
        return new PeerMetadata(
                "sidecar~" + app, app, namespace, app + "-" + version, "", "c-" + namespace, "", app, version, app, version, Map.of());
    }

    private static StreamInfo stream() {
        InetSocketAddress here = new InetSocketAddress("127.0.0.1", 1);
        StreamInfo info = new StreamInfo(new DownstreamConnection(1, new EmbeddedChannel(), here, here, null));
        info.upstreamCluster = "outbound|9080||reviews.shop.svc.cluster.local";
        info.upstreamClusterMetadata = new Metadata(Map.of("istio", Map.of(
                "services", List.of(Map.of("host", "reviews.shop.svc.cluster.local", "name", "reviews", "namespace", "shop")))));
        return info;
    }

    private static StatsConfig config() {
        return new StatsConfig(false, 0, List.of());
    }

    /** Counts by the metric's name, without labels. */
    private Map<String, Long> counts() {
        return stats.counters().entrySet().stream().collect(Collectors.toMap(
                e -> e.getKey().substring(0, e.getKey().indexOf(';')), e -> e.getValue().value(), Long::sum, TreeMap::new));
    }

    private String name(String metric) {
        List<String> names = stats.counters().keySet().stream().filter(n -> n.startsWith(metric + ";")).toList();
        assertEquals(1, names.size(), names.toString());
        return names.getFirst();
    }

    @Test
    void aConnectionOfAKnownPeerIsCountedFromItsBeginToItsEnd() {
        IstioTcpStats inbound = new IstioTcpStats(config(), reviews, true, stats);
        StreamInfo info = stream();
        info.downstreamPeer = productpage;
        inbound.onOpened(info);
        assertEquals(1, counts().get("istio_tcp_connections_opened_total"));
        info.bytesReceived = 100;
        info.bytesSent = 10;
        inbound.onProgress(info);
        info.bytesReceived = 150;
        info.bytesSent = 1_010;
        inbound.onClosed(info);
        assertEquals(
                Map.of("istio_tcp_connections_opened_total", 1L, "istio_tcp_connections_closed_total", 1L,
                        "istio_tcp_received_bytes_total", 150L, "istio_tcp_sent_bytes_total", 1_010L),
                counts());
        assertEquals(
                "istio_tcp_received_bytes_total;reporter=destination;" + SOURCE + DESTINATION + SERVICE
                        + "request_protocol=tcp;response_flags=-;connection_security_policy=none",
                name("istio_tcp_received_bytes_total"));
    }

    @Test
    void thePeerMayBecomeKnownAfterTheConnectionStands() {
        IstioTcpStats outbound = new IstioTcpStats(config(), productpage, false, stats);
        StreamInfo info = stream();
        outbound.onOpened(info);
        assertTrue(counts().isEmpty());
        info.upstreamPeer = reviews;
        outbound.onProgress(info);
        outbound.onClosed(info);
        assertEquals(
                "istio_tcp_connections_closed_total;reporter=source;" + SOURCE + DESTINATION + SERVICE
                        + "request_protocol=tcp;response_flags=-;connection_security_policy=unknown",
                name("istio_tcp_connections_closed_total"));
        assertEquals(1, counts().get("istio_tcp_connections_opened_total"));
    }

    @Test
    void aConnectionThatNeverReachedAnUpstreamIsOneToo() {
        IstioTcpStats outbound = new IstioTcpStats(config(), productpage, false, stats);
        outbound.onClosed(stream());
        assertEquals(1, counts().get("istio_tcp_connections_opened_total"));
        assertEquals(1, counts().get("istio_tcp_connections_closed_total"));
        assertTrue(name("istio_tcp_connections_opened_total").contains(";destination_workload=unknown;"));
    }

    @Test
    void aRequestIsCountedOnceByEachSide() {
        EventLoop loop = new DefaultEventLoop();
        StreamInfo info = stream();
        info.responseCode = 200;
        info.upstreamPeer = reviews;
        info.downstreamPeer = productpage;
        RequestHead head = new RequestHead();
        head.reset("GET", "/", "reviews:9080", "http", RequestHead.Protocol.HTTP_1_1);
        FilterContext context = new FilterContext(info, head, new LogContext(info, head, null), new Nothing(loop));
        new IstioStats(config(), productpage, false, stats).onEnd(context);
        new IstioStats(config(), reviews, true, stats).onEnd(context);
        loop.shutdownGracefully();
        String behind = "request_protocol=http;response_code=200;grpc_response_status=;response_flags=-;connection_security_policy=";
        String byHost = "destination_service=reviews:9080;destination_canonical_service=reviews;destination_canonical_revision=v2;"
                + "destination_service_name=reviews;destination_service_namespace=%s;destination_cluster=c-shop;";
        String source = "istio_requests_total;reporter=source;" + SOURCE + DESTINATION + byHost.formatted("unknown") + behind + "unknown";
        String destination = "istio_requests_total;reporter=destination;" + SOURCE + DESTINATION + byHost.formatted("shop") + behind + "none";
        assertEquals(1, stats.counter(source).value());
        assertEquals(1, stats.counter(destination).value());
        assertEquals(2, counts().get("istio_requests_total"));
    }

    private record Nothing(EventLoop loop) implements FilterContext.Flow {
        @Override
        public void reply(FilterContext.LocalReply reply) {
            throw new AssertionError(reply);
        }

        @Override
        public void resume() {
            throw new AssertionError("nothing waits");
        }
    }
}
