package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Cause;
import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Drain;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.AccessLog;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.match.Matchers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ExchangeTest {

    @TempDir
    Path folder;

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private Models.Hcm logged() {
        Models.Hcm hcm = new Models.Hcm();
        String format = "%REQ(:PATH)% %RESPONSE_CODE% %RESPONSE_FLAGS% %RESPONSE_CODE_DETAILS% %ROUTE_NAME% %UPSTREAM_CLUSTER% %BYTES_RECEIVED% %BYTES_SENT%\n";
        hcm.logs = List.of(new AccessLog(
                new AccessLog.Sink.File(folder.resolve("log").toString(), new AccessLog.Format.Text(format, false)), new AccessLog.Filter.Always()));
        return hcm;
    }

    private List<String> lines(Laboratory lab) throws Exception {
        lab.close();
        return Files.readAllLines(folder.resolve("log"));
    }

    @Test
    void aGetGoesThroughAndIsLoggedOnce() throws Exception {
        Laboratory lab = new Laboratory(logged());
        Laboratory.Client client = lab.get("/x?q", "x-a", "1");
        Laboratory.Upstream up = lab.last();
        assertEquals("/x?q", up.head.path());
        assertEquals("a.test", up.head.authority());
        assertEquals("1", up.head.headers().get("x-a"));
        assertEquals("1", up.head.headers().get("x-envoy-attempt-count"));
        assertEquals("http", up.head.headers().get("x-forwarded-proto"));
        assertNotNull(up.head.headers().get("x-request-id"));
        assertTrue(up.ended);
        up.answer(200, false, "server", "nginx", "content-length", "2");
        up.events.onData(bytes("hi"), true);
        assertEquals(200, client.status);
        assertEquals("envoy", client.headers.get("server"));
        assertEquals("hi", client.body.toString());
        assertNotNull(client.headers.get("date"));
        assertNotNull(client.headers.get("x-envoy-upstream-service-time"));
        assertTrue(client.ended);
        assertFalse(client.closes);
        assertEquals(List.of("/x?q 200 - via_upstream r/ app 0 2"), lines(lab));
        assertEquals(0, lab.stats.gauge("http.t.downstream_rq_active").value());
        assertEquals(0, lab.stats.gauge("cluster.app.upstream_rq_active").value());
        assertEquals(1, lab.stats.counter("cluster.app.upstream_rq_200").value());
    }

    @Test
    void aRefusedConnectionAnswers503() throws Exception {
        Laboratory lab = new Laboratory(logged());
        lab.connectFailure = StreamReset.CONNECTION_FAILURE;
        Laboratory.Client client = lab.get("/");
        assertEquals(503, client.status);
        assertEquals("upstream connect error or disconnect/reset before headers. reset reason: remote connection failure",
                client.body.toString());
        assertEquals("text/plain", client.headers.get("content-type"));
        assertEquals(List.of("/ 503 UF upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}"
                + " r/ app 0 " + client.body.length()), lines(lab));
    }

    @Test
    void localRepliesOfRouting() throws Exception {
        Models.Hcm hcm = logged();
        hcm.routes = Models.routes(
                Models.forward("/none", "zzz"),
                Models.route("/direct", new RouteAction.DirectResponse(203, Bytes.utf8("hi"))),
                Models.route("/redir", new RouteAction.Redirect(null, true, null, 0, "/z", null, null, 301, false)),
                Models.forward("/app", "app"));
        Laboratory lab = new Laboratory(hcm);
        assertEquals(404, lab.get("/").status);
        assertEquals(503, lab.get("/none").status);
        Laboratory.Client direct = lab.get("/direct");
        assertEquals(203, direct.status);
        assertEquals("hi", direct.body.toString());
        Laboratory.Client redirect = lab.get("/redir?q");
        assertEquals(301, redirect.status);
        assertEquals("https://a.test/z?q", redirect.headers.get("location"));
        assertEquals(400, lab.get("/a%00b").status);
        assertEquals(404, lab.get("*").status);
        assertEquals(403, lab.get("/app", "upgrade", "zzz").status);
        lab.clusters.get("app").hosts.clear();
        Laboratory.Client none = lab.get("/app");
        assertEquals(503, none.status);
        assertEquals("no healthy upstream", none.body.toString());
        assertEquals(List.of("/ 404 NR route_not_found - - 0 0", "/none 503 NC cluster_not_found r/none - 0 0",
                "/direct 203 - direct_response r/direct - 0 2", "/redir?q 301 - direct_response r/redir - 0 0",
                "/a%00b 400 - path_normalization_failed - - 0 0", "* 404 - absolute_path_rejected - - 0 0",
                "/app 403 - upgrade_failed r/app app 0 0", "/app 503 UH no_healthy_upstream r/app app 0 19"), lines(lab));
    }

    @Test
    void grpcRequestsGetTrailersOnlyReplies() {
        try (Laboratory lab = new Laboratory(new Models.Hcm())) {
            lab.clusters.get("app").hosts.clear();
            Laboratory.Client client = lab.request("POST", "/s/m", true, "content-type", "application/grpc");
            assertEquals(200, client.status);
            assertEquals("14", client.headers.get("grpc-status"));
            assertEquals("no healthy upstream", client.headers.get("grpc-message"));
            assertTrue(client.ended);
        }
    }

    @Test
    void aFailedTryIsRepeatedWithTheWholeBody() throws Exception {
        Models.Hcm hcm = logged();
        hcm.routes = Models.routes(Models.route("/", Models.forward("app", 0, Models.retry(1, "5xx"), List.of())));
        Laboratory lab = new Laboratory(hcm);
        Laboratory.Client client = lab.request("POST", "/", false);
        client.events.onData(bytes("ab"), false);
        client.events.onData(bytes("cd"), true);
        assertEquals("abcd", lab.last().body.toString());
        lab.last().answer(503, true);
        lab.pass(1);
        assertEquals(2, lab.upstreams.size());
        assertEquals("abcd", lab.last().body.toString());
        assertEquals("2", lab.last().head.headers().get("x-envoy-attempt-count"));
        assertTrue(lab.last().ended);
        lab.last().answer(503, true);
        assertEquals(503, client.status);
        assertEquals(List.of("/ 503 URX via_upstream r/ app 4 0"), lines(lab));
        assertEquals(1000, lab.clusters.get("app").retryPermits);
        assertEquals(1000, lab.clusters.get("app").permits);
    }

    @Test
    void aBodyOverTheLimitIsNotKept() {
        Models.Hcm hcm = new Models.Hcm();
        hcm.routes = Models.routes(Models.route("/", Models.forward("app", 0, Models.retry(1, "5xx"), List.of())));
        try (Laboratory lab = new Laboratory(hcm)) {
            Laboratory.Client client = lab.request("POST", "/", false);
            client.events.onData(bytes("x".repeat(2000)), true);
            lab.last().answer(503, true);
            lab.pass(1);
            assertEquals(1, lab.upstreams.size());
            assertEquals(503, client.status);
        }
    }

    @Test
    void timeoutsAnswer504AndCutTheUpstream() throws Exception {
        Models.Hcm hcm = logged();
        hcm.routes = Models.routes(Models.route("/", Models.forward("app", 50_000_000, null, List.of())));
        Laboratory lab = new Laboratory(hcm);
        Laboratory.Client client = lab.get("/");
        assertEquals("50", lab.last().head.headers().get("x-envoy-expected-rq-timeout-ms"));
        lab.pass(60);
        assertEquals(504, client.status);
        assertEquals("upstream request timeout", client.body.toString());
        assertEquals(StreamReset.LOCAL_RESET, lab.last().reset);
        assertEquals(List.of("/ 504 UT response_timeout r/ app 0 24"), lines(lab));
    }

    @Test
    void anOverflowTellsTheClient() {
        try (Laboratory lab = new Laboratory(new Models.Hcm())) {
            lab.clusters.get("app").permits = 0;
            Laboratory.Client client = lab.get("/");
            assertEquals(503, client.status);
            assertEquals("true", client.headers.get("x-envoy-overloaded"));
        }
    }

    @Test
    void aClientThatLeavesCancelsItsRequest() throws Exception {
        Laboratory lab = new Laboratory(logged());
        Laboratory.Client client = lab.get("/");
        client.events.onReset(StreamReset.DOWNSTREAM_GONE, "");
        assertEquals(StreamReset.LOCAL_RESET, lab.last().reset);
        assertEquals(List.of("/ 0 DC downstream_remote_disconnect r/ app 0 0"), lines(lab));
    }

    @Test
    void anUpstreamThatBreaksOffCutsTheAnswer() throws Exception {
        Laboratory lab = new Laboratory(logged());
        Laboratory.Client client = lab.get("/");
        lab.last().answer(200, false);
        lab.last().events.onData(bytes("par"), false);
        lab.last().events.onReset(StreamReset.CONNECTION_TERMINATION, "");
        assertNotNull(client.reset);
        assertEquals(List.of("/ 200 UC upstream_reset_after_response_started{connection_termination} r/ app 0 3"), lines(lab));
    }

    @Test
    void backPressureRunsBothWays() {
        try (Laboratory lab = new Laboratory(new Models.Hcm())) {
            Laboratory.Client client = lab.request("POST", "/", false);
            lab.last().writable = false;
            client.events.onData(bytes("x"), false);
            assertTrue(client.readingPaused);
            lab.last().writable = true;
            lab.last().events.onWritable();
            assertFalse(client.readingPaused);
            lab.last().answer(200, false);
            client.writable = false;
            lab.last().events.onData(bytes("y"), false);
            assertTrue(lab.last().readingPaused);
            client.writable = true;
            client.events.onWritable();
            assertFalse(lab.last().readingPaused);
            client.events.onReset(StreamReset.DOWNSTREAM_GONE, "");
        }
    }

    @Test
    void anEarlyAnswerEndsTheConnection() {
        try (Laboratory lab = new Laboratory(new Models.Hcm())) {
            Laboratory.Client client = lab.request("POST", "/", false);
            lab.last().answer(403, true);
            assertTrue(client.closes);
            assertEquals(StreamReset.LOCAL_RESET, lab.last().reset);
            client.events.onData(bytes("late"), true);
        }
    }

    @Test
    void upgradesPassBytesBothWays() {
        try (Laboratory lab = new Laboratory(new Models.Hcm())) {
            var head = new dev.outrider.proxy.http.RequestHead();
            head.reset("GET", "/", "a.test", "http", dev.outrider.proxy.http.RequestHead.Protocol.HTTP_1_1);
            head.upgrade("websocket");
            Laboratory.Client client = lab.request(head, false);
            assertEquals("websocket", lab.last().head.upgrade());
            lab.last().answer(101, false);
            assertEquals(101, client.status);
            client.events.onData(bytes("ping"), false);
            lab.last().events.onData(bytes("pong"), false);
            assertEquals("ping", lab.last().body.toString());
            assertEquals("pong", client.body.toString());
            client.events.onReset(StreamReset.DOWNSTREAM_GONE, "");
            assertNotNull(lab.last().reset);
        }
    }

    @Test
    void mirrorsGetACopyAndTheirAnswersVanish() {
        Models.Hcm hcm = new Models.Hcm();
        hcm.routes = Models.routes(Models.route("/", Models.forward("app", 0, null,
                List.of(new RouteAction.Mirror("shadow", "", Matchers.Fraction.ALL, true)))));
        try (Laboratory lab = new Laboratory(hcm)) {
            lab.clusters.put("shadow", lab.new FakeCluster("shadow"));
            Laboratory.Client client = lab.request("POST", "/", false);
            client.events.onData(bytes("body"), true);
            assertEquals(2, lab.upstreams.size());
            Laboratory.Upstream copy = lab.last();
            assertEquals("a.test-shadow", copy.head.authority());
            assertEquals("body", copy.body.toString());
            copy.answer(500, true);
            lab.upstreams.getFirst().answer(200, true);
            assertEquals(200, client.status);
        }
    }

    @Test
    void drainingEndsConnections() {
        try (Laboratory lab = new Laboratory(new Models.Hcm())) {
            lab.failing = true;
            Laboratory.Client client = lab.get("/");
            lab.last().answer(200, true);
            assertTrue(client.closes);
        }
    }

    @Test
    void aConnectionThatIsToldToEndAnswersWhatHasArrived() {
        try (Laboratory lab = new Laboratory(new Models.Hcm())) {
            lab.get("/");
            lab.last().answer(200, true);
            lab.channel.pipeline().fireUserEventTriggered(new Drain(TimeUnit.SECONDS.toNanos(5), Cause.EXIT));
            Laboratory.Client late = lab.get("/late");
            lab.pass(1_000);
            assertTrue(lab.channel.isOpen());
            lab.last().answer(200, true);
            assertEquals(200, late.status);
            assertTrue(late.closes);
        }
    }

    @Test
    void aConnectionThatIsToldToEndIsClosedWhenNothingComes() {
        try (Laboratory lab = new Laboratory(new Models.Hcm())) {
            lab.get("/");
            lab.last().answer(200, true);
            lab.channel.pipeline().fireUserEventTriggered(new Drain(TimeUnit.SECONDS.toNanos(5), Cause.EXIT));
            lab.pass(1_000);
            assertFalse(lab.channel.isOpen());
        }
    }

    @Test
    void externalRequestsLoseEnvoysOwnFields() {
        try (Laboratory lab = new Laboratory(new Models.Hcm())) {
            lab.get("/", "x-envoy-retry-on", "5xx", "x-envoy-internal", "true", "x-forwarded-client-cert", "By=me", "x-envoy-peer-metadata", "x");
            assertNull(lab.last().head.headers().get("x-envoy-retry-on"));
            assertNull(lab.last().head.headers().get("x-envoy-internal"));
            assertNull(lab.last().head.headers().get("x-forwarded-client-cert"));
            assertEquals("x", lab.last().head.headers().get("x-envoy-peer-metadata"));
            lab.last().answer(200, true);
        }
    }
}
