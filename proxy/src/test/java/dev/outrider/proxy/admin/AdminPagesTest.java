package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class AdminPagesTest {

    private final StubState state = new StubState();
    private final AdminRouter router = AdminPages.router(state, state);

    private AdminResponse ask(String method, String target) {
        return router.serve(AdminRequest.of(method, target, ""), "127.0.0.1:15000", "", true);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /nothing, 404",
        "GET, /quitquitquit, 405",
        "GET, /logging, 405",
        "PUT, /ready, 200",
        "GET, /stats?format=xml, 400",
        "GET, /stats?filter=(, 400",
        "GET, /config_dump?resource=nothing, 404",
        "GET, /config_dump?name_regex=(, 400",
        "POST, /logging?nothing=debug, 400",
        "POST, /logging?level=loud, 400",
        "POST, /runtime_modify, 400",
        "GET, /, 200",
        "GET, /help, 200",
        "GET, /certs, 200",
        "GET, /clusters, 200",
        "GET, /clusters?format=json, 200",
        "GET, /contention, 200",
        "GET, /hot_restart_version, 200",
        "GET, /init_dump, 200",
        "GET, /listeners?format=json, 200",
        "GET, /memory, 200",
        "GET, /runtime, 200",
        "GET, /server_info, 200",
        "GET, /stats/prometheus, 200",
        "POST, /reset_counters, 200"
    })
    void status(String method, String target, int status) {
        assertEquals(status, ask(method, target).status());
    }

    @Test
    void whatChangesSomethingNeedsPost() {
        assertEquals("Method GET not allowed, POST required.", ask("GET", "/healthcheck/fail").body());
        assertEquals(List.of(), state.asked);
        ask("POST", "/healthcheck/fail");
        ask("POST", "/healthcheck/ok");
        ask("POST", "/drain_listeners?graceful&inboundonly");
        ask("POST", "/reopen_logs");
        ask("POST", "/quitquitquit").afterwards().run();
        assertEquals(List.of("fail true", "fail false", "drain true true", "reopen", "quit"), state.asked);
    }

    @ParameterizedTest
    @CsvSource({
        "evil.example, /config_dump, '', 403",
        "evil.example:15000, /clusters, '', 403",
        "localhost:15000, /clusters, '', 200",
        "admin.localhost, /clusters, '', 200",
        "[::1]:15000, /clusters, '', 200",
        "127.0.0.1.evil.example, /clusters, '', 403",
        "vm-1.example:15090, /stats/prometheus, '', 200",
        "vm-1.example:15021, /ready, '', 200",
        "'', /clusters, '', 200",
        "127.0.0.1:15000, /reset_counters, http://evil.example, 403",
        "127.0.0.1:15000, /reset_counters, http://127.0.0.1:15000, 200"
    })
    void webPagesStayOutside(String host, String path, String origin, int status) {
        String method = path.equals("/reset_counters") ? "POST" : "GET";
        assertEquals(status, router.serve(AdminRequest.of(method, path, ""), host, origin, true).status());
    }

    @Test
    void readinessIsAStatusAndAWord() {
        assertEquals("LIVE\n", ask("GET", "/ready").body());
        assertEquals("LIVE\ncluster x is not warm\n", ask("GET", "/ready?verbose").body());
        state.ready = false;
        assertEquals(503, ask("GET", "/ready").status());
        assertEquals("DRAINING\n", ask("GET", "/ready").body());
    }

    @Test
    void configDumpNarrows() {
        String whole = ask("GET", "/config_dump").body();
        assertTrue(whole.contains("envoy.admin.v3.ListenersConfigDump"), whole);
        assertTrue(whole.contains("\"details\": \"bad filter\""), whole);
        assertFalse(whole.contains("EndpointsConfigDump"), whole);
        assertTrue(ask("GET", "/config_dump?include_eds").body().contains("EndpointsConfigDump"));
        String one = ask("GET", "/config_dump?resource=dynamic_active_clusters&name_regex=c2").body();
        assertTrue(one.contains("\"name\": \"c2\"") && !one.contains("c1"), one);
        String masked = ask("GET", "/config_dump?resource=dynamic_active_clusters&mask=cluster.name").body();
        assertTrue(masked.contains("\"name\": \"c2\"") && !masked.contains("EDS") && !masked.contains("last_updated"), masked);
    }

    @Test
    void statisticsInThreeForms() {
        state.stats.counter("cluster.a.upstream_rq_total").add(3);
        state.stats.counter("cluster.a.upstream_rq_200").add(2);
        state.stats.counter("cluster.a.upstream_rq_2xx");
        state.stats.gauge("server.state").set(0);
        state.stats.histogram("cluster.a.upstream_rq_time").record(7);
        assertEquals("cluster.a.upstream_rq_200: 2\ncluster.a.upstream_rq_total: 3\nserver.state: 0\n",
                ask("GET", "/stats?usedonly&filter=rq_total|rq_200|state").body());
        assertTrue(ask("GET", "/stats?format=json&type=Counters").body().contains("{\"name\":\"cluster.a.upstream_rq_2xx\",\"value\":0}"));
        String prometheus = ask("GET", "/stats/prometheus").body();
        for (String line : List.of(
                "# TYPE envoy_cluster_upstream_rq counter",
                "envoy_cluster_upstream_rq{envoy_response_code=\"200\",envoy_cluster_name=\"a\"} 2",
                "envoy_cluster_upstream_rq_xx{envoy_response_code_class=\"2\",envoy_cluster_name=\"a\"} 0",
                "envoy_cluster_upstream_rq_time_bucket{envoy_cluster_name=\"a\",le=\"10\"} 1",
                "envoy_cluster_upstream_rq_time_sum{envoy_cluster_name=\"a\"} 7",
                "envoy_server_state{} 0")) {
            assertTrue(prometheus.contains(line + "\n"), line + " is not in\n" + prometheus);
        }
        ask("POST", "/reset_counters");
        assertEquals("", ask("GET", "/stats?usedonly&filter=rq_total").body());
    }

    @Test
    void runtimeIsModifiedInItsAdminLayer() {
        assertEquals("OK\n", ask("POST", "/runtime_modify?a=2&b=3").body());
        assertEquals(List.of("1", "2"), state.runtime.entries().get("a"));
        ask("POST", "/runtime_modify?a=");
        assertEquals(List.of("1", ""), state.runtime.entries().get("a"));
        assertTrue(ask("GET", "/runtime").body().contains("\"final_value\": \"3\""));
    }
}
