package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.filter.PeerStruct;
import dev.outrider.proxy.http.Headers;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.Rbac;
import dev.outrider.xds.model.match.Matchers;
import dev.outrider.xds.model.match.StringMatcher;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The filters in a whole connection manager. */
class FilterChainTest {

    private static final HttpFilter.Router ROUTER = new HttpFilter.Router("router", false);
    private static final PeerMetadata PEER = new PeerMetadata("sidecar~10.0.0.9~p~d", "p", "d", "reviews-v1", "", "Kubernetes", "", "reviews",
            "v1", "reviews", "v1", Map.of());

    private static Models.Hcm chain(HttpFilter... filters) {
        Models.Hcm hcm = new Models.Hcm();
        hcm.filters = List.of(filters);
        return hcm;
    }

    static TlsPeer tls(String peer, String local) {
        return new TlsPeer(true, true, List.of(peer), List.of(), List.of(), "CN=x", "", "", "ab", "", 0, 0, "", "", List.of(local), List.of(), "",
                "istio-http/1.1", "TLSv1.3", "", "");
    }

    private static HttpFilter.HttpRbac rbac(Rbac.Action action, Rbac.Permission permission, Rbac.Principal principal) {
        return new HttpFilter.HttpRbac("rbac",
                new Rbac(action, Map.of("pol icy", new Rbac.Policy(List.of(permission), List.of(principal)))), null, "");
    }

    @Test
    void deniedRequestsNeverReachTheUpstream() {
        Rbac.Permission deny = new Rbac.Permission.UrlPath(new StringMatcher.Prefix("/deny", false));
        try (Laboratory lab = new Laboratory(chain(rbac(Rbac.Action.DENY, deny, new Rbac.Principal.Any()), ROUTER))) {
            Laboratory.Client client = lab.get("/deny/x?y");
            assertEquals(403, client.status);
            assertEquals("RBAC: access denied", client.body.toString());
            assertTrue(lab.upstreams.isEmpty());
            lab.get("/ok");
            assertEquals(1, lab.upstreams.size());
            lab.last().answer(200, true);
            assertEquals(1, lab.stats.counter("http.t.rbac.denied").value());
            assertEquals(1, lab.stats.counter("http.t.rbac.allowed").value());
        }
    }

    @Test
    void allowRulesAskForAVerifiedIdentity() {
        Rbac.Principal who = new Rbac.Principal.Authenticated(new StringMatcher.Exact("spiffe://td/ns/a/sa/b", false));
        Models.Hcm hcm = chain(rbac(Rbac.Action.ALLOW, new Rbac.Permission.Any(), who), ROUTER);
        try (Laboratory lab = new Laboratory(hcm)) {
            assertEquals(403, lab.get("/").status);
        }
        try (Laboratory lab = new Laboratory(hcm, Listener.Direction.INBOUND, tls("spiffe://td/ns/a/sa/b", "spiffe://td/ns/x/sa/y"))) {
            lab.get("/");
            lab.last().answer(200, true);
        }
    }

    @Test
    void xfccSaysWhoTheClientIs() {
        Models.Hcm hcm = chain(ROUTER);
        hcm.xfcc = HttpConnectionManager.Xfcc.APPEND_FORWARD;
        try (Laboratory lab = new Laboratory(hcm, Listener.Direction.INBOUND, tls("spiffe://td/ns/a/sa/b", "spiffe://td/ns/x/sa/y"))) {
            lab.get("/", "x-forwarded-client-cert", "By=z");
            assertEquals("By=z,By=spiffe://td/ns/x/sa/y;Hash=ab;Subject=\"CN=x\";URI=spiffe://td/ns/a/sa/b",
                    lab.last().head.headers().get("x-forwarded-client-cert"));
            lab.last().answer(200, true);
        }
        try (Laboratory lab = new Laboratory(hcm, Listener.Direction.INBOUND, null)) {
            lab.get("/", "x-forwarded-client-cert", "By=z");
            assertNull(lab.last().head.headers().get("x-forwarded-client-cert"));
            lab.last().answer(200, true);
        }
    }

    @Test
    void inboundPeersAreReadHiddenAndAnswered() {
        HttpFilter.PeerMetadata exchange = new HttpFilter.PeerMetadata("mx", true, false, true, false, false, List.of());
        HttpFilter.IstioStats stats = new HttpFilter.IstioStats("stats", new NetworkFilter.StatsConfig(true, 0, List.of()));
        try (Laboratory lab = new Laboratory(chain(exchange, stats, ROUTER), Listener.Direction.INBOUND,
                tls("spiffe://td/ns/d/sa/r", "spiffe://td/ns/ns/sa/v"))) {
            Laboratory.Client client = lab.get("/", "x-envoy-peer-metadata-id", PEER.id(), "x-envoy-peer-metadata", PeerStruct.encode(PEER));
            assertNull(lab.last().head.headers().get("x-envoy-peer-metadata"));
            lab.last().answer(200, true);
            assertEquals("sidecar~10.0.0.1~vm~ns", client.headers.get("x-envoy-peer-metadata-id"));
            assertNotNull(client.headers.get("x-envoy-peer-metadata"));
            String name = lab.stats.counters().keySet().stream().filter(n -> n.startsWith("istio_requests_total")).findFirst().orElseThrow();
            assertEquals("istio_requests_total;reporter=destination;source_workload=reviews-v1;source_canonical_service=reviews;"
                    + "source_canonical_revision=v1;source_workload_namespace=d;source_principal=spiffe://td/ns/d/sa/r;source_app=reviews;"
                    + "source_version=v1;source_cluster=Kubernetes;destination_workload=vm-wl;destination_workload_namespace=ns;"
                    + "destination_principal=spiffe://td/ns/ns/sa/v;destination_app=vm;destination_version=v1;destination_service=unknown;"
                    + "destination_canonical_service=vm-wl;destination_canonical_revision=latest;destination_service_name=unknown;"
                    + "destination_service_namespace=ns;destination_cluster=Kubernetes;request_protocol=http;response_code=200;"
                    + "grpc_response_status=;response_flags=-;connection_security_policy=mutual_tls", name);
        }
    }

    @Test
    void outboundRequestsCarryOurMetadataAndOfferIstiosAlpn() {
        HttpFilter.PeerMetadata exchange = new HttpFilter.PeerMetadata("mx", false, true, false, true, false, List.of());
        HttpFilter.Alpn alpn = new HttpFilter.Alpn("alpn", Map.of("HTTP11", List.of("istio-http/1.1", "istio", "http/1.1")));
        try (Laboratory lab = new Laboratory(chain(exchange, alpn, ROUTER))) {
            Laboratory.Client client = lab.get("/");
            assertEquals("sidecar~10.0.0.1~vm~ns", lab.last().head.headers().get("x-envoy-peer-metadata-id"));
            assertEquals(List.of("istio-http/1.1", "istio", "http/1.1"), lab.last().alpn);
            lab.last().answer(200, true, "x-envoy-peer-metadata-id", PEER.id(), "x-envoy-peer-metadata", PeerStruct.encode(PEER));
            assertNull(client.headers.get("x-envoy-peer-metadata"));
        }
    }

    @Test
    void faultsDelayThenAbort() {
        HttpFilter.FaultPolicy policy = new HttpFilter.FaultPolicy(
                20_000_000, Matchers.Fraction.ALL, 418, -1, Matchers.Fraction.ALL, List.of(), "", List.of(), 0);
        try (Laboratory lab = new Laboratory(chain(new HttpFilter.Fault("fault", policy), ROUTER))) {
            Laboratory.Client client = lab.get("/");
            assertEquals(0, client.status);
            lab.pass(30);
            assertEquals(418, client.status);
            assertEquals("fault filter abort", client.body.toString());
            assertTrue(lab.upstreams.isEmpty());
            assertEquals(0, lab.stats.gauge("http.t.fault.active_faults").value());
        }
    }

    @Test
    void aDelayedRequestKeepsItsBody() {
        HttpFilter.FaultPolicy policy = new HttpFilter.FaultPolicy(
                20_000_000, Matchers.Fraction.ALL, 0, -1, new Matchers.Fraction(0, 100), List.of(), "", List.of(), 0);
        try (Laboratory lab = new Laboratory(chain(new HttpFilter.Fault("fault", policy), ROUTER))) {
            Laboratory.Client client = lab.request("POST", "/", false);
            client.events.onData(Unpooled.copiedBuffer("ab", java.nio.charset.StandardCharsets.US_ASCII), true);
            lab.pass(30);
            assertEquals("ab", lab.last().body.toString());
            assertTrue(lab.last().ended);
            lab.last().answer(200, true);
        }
    }

    @Test
    void aDelayedRequestKeepsItsTrailers() {
        HttpFilter.FaultPolicy policy = new HttpFilter.FaultPolicy(
                20_000_000, Matchers.Fraction.ALL, 0, -1, new Matchers.Fraction(0, 100), List.of(), "", List.of(), 0);
        try (Laboratory lab = new Laboratory(chain(new HttpFilter.Fault("fault", policy), ROUTER))) {
            Laboratory.Client client = lab.request("POST", "/", false);
            client.events.onData(Unpooled.copiedBuffer("ab", java.nio.charset.StandardCharsets.US_ASCII), false);
            Headers trailers = new Headers();
            trailers.add("x-last", "1");
            client.events.onTrailers(trailers);
            lab.pass(30);
            assertEquals("ab", lab.last().body.toString());
            assertEquals(trailers.toString(), lab.last().trailers);
            lab.last().answer(200, true);
        }
    }

    @Test
    void grpcMessagesAreCounted() {
        HttpFilter.IstioStats stats = new HttpFilter.IstioStats("stats", new NetworkFilter.StatsConfig(false, 0, List.of()));
        try (Laboratory lab = new Laboratory(chain(new HttpFilter.GrpcStats("grpc", true), stats, ROUTER))) {
            Laboratory.Client client = lab.request("POST", "/s/m", false, "content-type", "application/grpc");
            client.events.onData(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 0, 2, 1}), false);
            client.events.onData(Unpooled.wrappedBuffer(new byte[] {1, 0, 0, 0, 0, 0}), true);
            lab.last().answer(200, true, "grpc-status", "0");
            long messages = lab.stats.counters().entrySet().stream().filter(e -> e.getKey().startsWith("istio_request_messages_total"))
                    .mapToLong(e -> e.getValue().value()).sum();
            assertEquals(2, messages);
        }
    }
}
