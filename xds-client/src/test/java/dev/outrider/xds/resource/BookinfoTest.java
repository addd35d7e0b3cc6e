package dev.outrider.xds.resource;

import dev.outrider.xds.model.AccessLog;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.HttpProtocolOptions.Protocol;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Listener.FilterChain;
import dev.outrider.xds.model.Listener.FilterChainMatch;
import dev.outrider.xds.model.Listener.ListenerFilter.Kind;
import dev.outrider.xds.model.Listener.SourceType;
import dev.outrider.xds.model.NameTable;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import dev.outrider.xds.model.match.StringMatcher;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.model.source.ResourceRef;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What a default mesh with Bookinfo becomes, field by field. */
class BookinfoTest {

    private static final long SECOND = 1_000_000_000L;
    private static final ConfigSource SDS = new ConfigSource.Grpc(false, "sds-grpc", "", Map.of(), true);

    @SuppressWarnings("unchecked")
    private static <T> T resource(String type, String name) {
        return (T) Captured.resources("bookinfo/" + type + ".pb").stream()
                .map(Captured::parse)
                .filter(p -> p.name().equals(name))
                .map(p -> Objects.requireNonNull(p.value(), p.reasons().toString()))
                .findFirst()
                .orElseThrow();
    }

    private static FilterChainMatch match(int port, String transport, String... alpn) {
        return new FilterChainMatch(
                port, List.of(), List.of(), SourceType.ANY, List.of(), List.of(), List.of(), transport, List.of(alpn));
    }

    @Test
    void virtualInboundHasItsChainsInOrder() {
        Listener inbound = resource("lds", "virtualInbound");
        assertEquals(new Address.Ip(Cidr.ipLiteral("0.0.0.0"), 15_006), inbound.address());
        assertEquals(Listener.Direction.INBOUND, inbound.direction());
        assertTrue(inbound.bindToPort());
        assertFalse(inbound.useOriginalDst());
        assertTrue(inbound.continueOnFiltersTimeout());
        assertEquals(0, inbound.filtersTimeoutNanos());
        assertNull(inbound.defaultFilterChain());
        assertEquals(16, inbound.filterChains().size());
        List<FilterChain> chains = inbound.filterChains();
        assertEquals("virtualInbound-blackhole", chains.get(0).name());
        assertEquals(match(15_006, ""), chains.get(0).match());
        assertEquals(match(0, "tls", "istio-http/1.0", "istio-http/1.1", "istio-h2"), chains.get(1).match());
        assertEquals(match(0, "raw_buffer", "http/1.1", "h2c"), chains.get(2).match());
        assertEquals(match(0, "tls", "istio-peer-exchange", "istio"), chains.get(3).match());
        assertEquals(match(0, "raw_buffer"), chains.get(4).match());
        assertEquals(match(0, "tls"), chains.get(5).match());
        assertEquals(
                match(3306, "tls", "istio", "istio-peer-exchange", "istio-http/1.0", "istio-http/1.1", "istio-h2"),
                chains.get(6).match());
        assertInstanceOf(TransportSocket.DownstreamTls.class, chains.get(6).transportSocket());
        assertInstanceOf(TransportSocket.RawBuffer.class, chains.get(7).transportSocket());
        assertEquals("0.0.0.0_8080", chains.get(11).name());
    }

    @Test
    void inspectorsAreSwitchedOffByDestinationPort() {
        Listener inbound = resource("lds", "virtualInbound");
        assertEquals(
                List.of(Kind.ORIGINAL_DST, Kind.TLS_INSPECTOR, Kind.HTTP_INSPECTOR),
                inbound.listenerFilters().stream().map(Listener.ListenerFilter::kind).toList());
        assertNull(inbound.listenerFilters().get(0).disabledWhen());
        var tls = Objects.requireNonNull(inbound.listenerFilters().get(1).disabledWhen());
        assertTrue(tls.test(15_006));
        assertFalse(tls.test(8080));
        var http = Objects.requireNonNull(inbound.listenerFilters().get(2).disabledWhen());
        assertTrue(http.test(3306));
        assertFalse(http.test(3307));
        assertFalse(http.test(80));
    }

    @Test
    void inboundMutualTls() {
        Listener inbound = resource("lds", "virtualInbound");
        var tls = (TransportSocket.DownstreamTls) inbound.filterChains().get(1).transportSocket();
        assertTrue(tls.requireClientCertificate());
        var common = tls.common();
        assertEquals(List.of(new ResourceRef("default", SDS)), common.certificateSecrets());
        assertEquals(new ResourceRef("ROOTCA", SDS), common.validationSecret());
        assertEquals(
                List.of(new Secret.San(Secret.San.Type.ANY, new StringMatcher.Prefix("spiffe://cluster.local/", false))),
                Objects.requireNonNull(common.validation()).sans());
        assertEquals(List.of("h2", "http/1.1"), common.alpnProtocols());
        assertEquals("TLSv1.2", common.minVersion());
        assertEquals("TLSv1.3", common.maxVersion());
        assertEquals(6, common.cipherSuites().size());
        var tcp = (TransportSocket.DownstreamTls) inbound.filterChains().get(3).transportSocket();
        assertEquals(List.of("istio-peer-exchange", "h2", "http/1.1"), tcp.common().alpnProtocols());
    }

    @Test
    void inboundHttpConnectionManager() {
        Listener inbound = resource("lds", "virtualInbound");
        FilterChain chain = inbound.filterChains().get(11);
        assertEquals(new NetworkFilter.MetadataExchange("istio-peer-exchange", true), chain.filters().get(0));
        var hcm = (HttpConnectionManager) chain.filters().get(1);
        assertEquals("inbound_0.0.0.0_8080;", hcm.statPrefix());
        assertNull(hcm.rdsName());
        assertEquals(
                List.of("PeerMetadata", "GrpcStats", "Fault", "Cors", "IstioStats", "Router"),
                hcm.filters().stream().map(f -> f.getClass().getSimpleName()).toList());
        assertEquals(
                new HttpFilter.PeerMetadata("istio.metadata_exchange", true, false, true, false, false, List.of()),
                hcm.filters().get(0));
        assertEquals(new HttpFilter.Fault("envoy.filters.http.fault", null), hcm.filters().get(2));
        assertEquals(HttpConnectionManager.Xfcc.APPEND_FORWARD, hcm.forwarding().xfcc());
        assertEquals(new HttpConnectionManager.XfccParts(true, false, false, true, true), hcm.forwarding().xfccParts());
        assertEquals("istio-envoy", hcm.serverHeader().name());
        assertTrue(hcm.path().normalize());
        assertEquals(0, hcm.timeouts().streamIdleNanos());
        assertEquals(3600 * SECOND, hcm.timeouts().idleNanos());
        assertEquals(List.of("websocket"), hcm.upgradeTypes());
        assertTrue(hcm.proxy100Continue());
        assertEquals(1.0, Objects.requireNonNull(hcm.tracing()).randomSampling());
        assertEquals("", hcm.tracing().providerTypeUrl());
        var log = (AccessLog.Sink.File) hcm.accessLogs().get(0).sink();
        assertEquals("/dev/stdout", log.path());
        assertTrue(((AccessLog.Format.Text) log.format()).format().endsWith("%ROUTE_NAME%\n"));
    }

    @Test
    void inboundRouteIsInline() {
        Listener inbound = resource("lds", "virtualInbound");
        var hcm = (HttpConnectionManager) inbound.filterChains().get(11).filters().get(1);
        RouteConfiguration routes = Objects.requireNonNull(hcm.routes());
        assertEquals("inbound|8080||", routes.name());
        Route route = routes.virtualHosts().get(0).routes().get(0);
        var forward = (RouteAction.Forward) route.action();
        assertEquals(new RouteAction.Target.Single("inbound|8080||"), forward.target());
        assertEquals(0, forward.timeoutNanos());
        assertEquals(0, forward.maxStreamDurationNanos());
        assertEquals(0, forward.grpcTimeoutMaxNanos());
        assertEquals(-1, forward.idleTimeoutNanos());
        var retry = Objects.requireNonNull(forward.retry());
        assertEquals(List.of("reset-before-request"), retry.retryOn());
        assertEquals(2, retry.numRetries());
        assertEquals("vmapp.default.svc.cluster.local:8080/*", route.decorator());
    }

    @Test
    void virtualOutboundHandsOver() {
        Listener outbound = resource("lds", "virtualOutbound");
        assertTrue(outbound.useOriginalDst());
        assertEquals(List.of("virtualOutbound-blackhole", "virtualOutbound-catchall-tcp"),
                outbound.filterChains().stream().map(FilterChain::name).toList());
        assertEquals(match(15_001, ""), outbound.filterChains().get(0).match());
        assertEquals(FilterChainMatch.ALL, outbound.filterChains().get(1).match());
        var tcp = (NetworkFilter.TcpProxy) outbound.filterChains().get(1).filters().get(1);
        assertEquals(List.of(new NetworkFilter.TcpProxy.Weighted("PassthroughCluster", 1)), tcp.clusters());
        assertEquals(3600 * SECOND, tcp.idleTimeoutNanos());
        assertEquals(new AccessLog.Filter.Flags(List.of("NR")), outbound.accessLogs().get(0).filter());
    }

    @Test
    void outboundHttpListener() {
        Listener listener = resource("lds", "0.0.0.0_9080");
        assertFalse(listener.bindToPort());
        assertEquals(match(0, "raw_buffer", "http/1.1", "h2c"), listener.filterChains().get(0).match());
        assertEquals("PassthroughFilterChain", Objects.requireNonNull(listener.defaultFilterChain()).name());
        assertEquals(15 * SECOND, listener.filterChains().get(0).transportConnectTimeoutNanos());
        var hcm = (HttpConnectionManager) listener.filterChains().get(0).filters().get(0);
        assertEquals("9080", hcm.rdsName());
        assertNull(hcm.routes());
        assertEquals("envoy", hcm.serverHeader().name());
        var alpn = hcm.filters().stream()
                .filter(HttpFilter.Alpn.class::isInstance)
                .map(HttpFilter.Alpn.class::cast)
                .findFirst()
                .orElseThrow();
        assertEquals(
                Map.of(
                        "HTTP10", List.of("istio-http/1.0", "istio", "http/1.0"),
                        "HTTP11", List.of("istio-http/1.1", "istio", "http/1.1"),
                        "HTTP2", List.of("istio-h2", "istio", "h2")),
                alpn.overrides());
    }

    @Test
    void outboundRoutes() {
        RouteConfiguration routes = resource("rds", "9080");
        assertTrue(routes.ignorePortInHostMatching());
        assertEquals(1_048_576, routes.maxDirectResponseBodyBytes());
        var hosts = routes.virtualHosts().stream().collect(Collectors.toMap(RouteConfiguration.VirtualHost::name, h -> h));
        var reviews = Objects.requireNonNull(hosts.get("reviews.default.svc.cluster.local:9080"));
        assertEquals(
                List.of("reviews.default.svc.cluster.local", "reviews.default.svc.cluster.local.", "reviews",
                        "reviews.default.svc", "reviews.default", "10.96.0.13"),
                reviews.domains());
        assertTrue(reviews.includeRequestAttemptCount());
        Route split = reviews.routes().get(0);
        assertEquals("split", split.name());
        var forward = (RouteAction.Forward) split.action();
        var weighted = (RouteAction.Target.Weighted) forward.target();
        assertEquals(100, weighted.totalWeight());
        assertEquals(List.of(75L, 25L), weighted.choices().stream().map(RouteAction.Target.Choice::weight).toList());
        assertEquals(0, forward.grpcTimeoutMaxNanos());
        var retry = Objects.requireNonNull(forward.retry());
        assertEquals(
                List.of("connect-failure", "refused-stream", "unavailable", "cancelled", "retriable-status-codes"), retry.retryOn());
        assertEquals(2, retry.numRetries());
        assertTrue(retry.avoidPreviousHosts());
        assertEquals(5, retry.hostSelectionAttempts());
        assertEquals(25_000_000, retry.backoffBaseNanos());
        assertEquals(250_000_000, retry.backoffMaxNanos());
        assertEquals(
                "/apis/networking.istio.io/v1/namespaces/default/virtual-service/reviews", split.metadata().at("istio", "config"));
        assertEquals(List.of("*"), Objects.requireNonNull(hosts.get("allow_any")).domains());
    }

    @Test
    void autoMutualTlsCluster() {
        Cluster cluster = resource("cds", "outbound|9080|v1|reviews.default.svc.cluster.local");
        assertEquals(Cluster.Discovery.EDS, cluster.discovery());
        assertEquals(cluster.name(), cluster.edsServiceName());
        assertEquals("outbound|9080|v1|reviews.default.svc.cluster.local;", cluster.statName());
        assertEquals(Cluster.LbPolicy.LEAST_REQUEST, cluster.lbPolicy());
        assertEquals(0, cluster.lbConfig().panicThresholdPercent());
        assertEquals(10 * SECOND, cluster.connectTimeoutNanos());
        assertEquals(0xffff_ffffL, cluster.circuitBreakers().defaults().maxRetries());
        assertEquals(3, cluster.circuitBreakers().high().maxRetries());
        assertEquals(Protocol.HTTP1, cluster.http().protocol());
        assertInstanceOf(TransportSocket.RawBuffer.class, cluster.transportSocket());
        assertEquals(2, cluster.transportSocketMatches().size());
        var first = cluster.transportSocketMatches().get(0);
        assertEquals(Map.of("tlsMode", "istio"), first.match());
        var tls = (TransportSocket.UpstreamTls) first.socket();
        assertEquals("outbound_.9080_.v1_.reviews.default.svc.cluster.local", tls.sni());
        assertEquals(List.of("istio-peer-exchange", "istio"), tls.common().alpnProtocols());
        assertEquals(
                List.of(new Secret.San(
                        Secret.San.Type.ANY,
                        new StringMatcher.Exact("spiffe://cluster.local/ns/default/sa/bookinfo-reviews", false))),
                Objects.requireNonNull(tls.common().validation()).sans());
        assertEquals(Map.of(), cluster.transportSocketMatches().get(1).match());
        assertEquals(List.of(new NetworkFilter.MetadataExchange("istio-peer-exchange", true)), cluster.filters());
        assertEquals("v1", cluster.metadata().at("istio", "subset"));
    }

    @Test
    void inboundAndSpecialClusters() {
        Cluster inbound = resource("cds", "inbound|8080||");
        assertEquals(Cluster.Discovery.ORIGINAL_DST, inbound.discovery());
        assertEquals(new Address.Ip(Cidr.ipLiteral("127.0.0.6"), 0), Objects.requireNonNull(inbound.bind()).source());
        assertEquals(9_223_372_035L * SECOND, inbound.cleanupIntervalNanos());
        Cluster passthrough = resource("cds", "PassthroughCluster");
        assertEquals(Protocol.DOWNSTREAM, passthrough.http().protocol());
        assertEquals(300 * SECOND, passthrough.http().idleTimeoutNanos());
        Cluster blackHole = resource("cds", "BlackHoleCluster");
        assertEquals(Cluster.Discovery.STATIC, blackHole.discovery());
        assertNull(blackHole.loadAssignment());
        assertEquals(1024, blackHole.circuitBreakers().defaults().maxConnections());
    }

    @Test
    void endpointsCarryTheirTlsMode() {
        ClusterLoadAssignment reviews = resource("eds", "outbound|9080||reviews.default.svc.cluster.local");
        var endpoint = reviews.groups().get(0).endpoints().get(0);
        assertEquals("istio", endpoint.metadata().at("envoy.transport_socket_match", "tlsMode"));
        assertInstanceOf(Address.Ip.class, endpoint.address());
        assertEquals(ClusterLoadAssignment.Health.HEALTHY, endpoint.health());
        assertEquals(1, endpoint.weight());
        assertEquals(140, reviews.overprovisioningPercent());
    }

    @Test
    void nameTable() {
        NameTable table = resource("nds", "");
        var reviews = Objects.requireNonNull(table.rows().get("reviews.default.svc.cluster.local"));
        assertEquals(List.of("10.96.0.13"), reviews.ips());
        assertEquals("Kubernetes", reviews.registry());
        assertEquals("reviews", reviews.shortName());
        assertNotNull(table.rows().get("productpage.default.svc.cluster.local"));
    }
}
