package dev.outrider.proxy.telemetry;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class TagRulesTest {

    @ParameterizedTest
    @CsvSource({
        "cluster.a.upstream_rq_total, cluster.upstream_rq_total, envoy.cluster_name=a",
        "http.ingress.downstream_rq_2xx, http.downstream_rq_xx, envoy.response_code_class=2 envoy.http_conn_manager_prefix=ingress",
        "listener.0.0.0.0_80.downstream_cx_total, listener.downstream_cx_total, envoy.listener_address=0.0.0.0_80",
        "listener.[__1]_80.downstream_cx_total, listener.downstream_cx_total, envoy.listener_address=[__1]_80",
        "tcp.mysql.downstream_cx_total, tcp.downstream_cx_total, envoy.tcp_prefix=mysql",
        "listener_manager.workers_started, listener_manager.workers_started, ''",
        "istio_requests_total;reporter=source;response_code=200, istio_requests_total, reporter=source response_code=200"
    })
    void defaults(String name, String rest, String tags) {
        TaggedName taken = TagRules.defaults().take(name);
        assertEquals(rest, taken.name());
        assertEquals(tags, String.join(" ", taken.tags().stream().map(t -> t.name() + "=" + t.value()).toList()));
    }

    @Test
    void istiosBootstrapRules() {
        TagRules rules = new TagRules(List.of(
                TagRule.regex("cluster_name", "^cluster(\\.(.+);)"),
                TagRule.regex("http_conn_manager_prefix",
                        "^http\\.(((?:[_.[:digit:]\\w]*|[_\\[\\]aAbBcCdDeEfF[:digit:]\\w\\:]*));\\.)"),
                TagRule.regex("http_conn_manager_listener_prefix",
                        "^listener(?=\\.).*?\\.http\\.(((?:[_.[:digit:]]*|[_\\[\\]aAbBcCdDeEfF[:digit:]]*))\\.)")), false);
        TaggedName taken = rules.take("cluster.outbound|9080||a.default.svc.cluster.local;.upstream_rq_total");
        assertEquals("cluster.upstream_rq_total", taken.name());
        assertEquals("outbound|9080||a.default.svc.cluster.local", taken.tags().getFirst().value());
        assertEquals("http.downstream_rq_total", rules.take("http.inbound_0.0.0.0_8080;.downstream_rq_total").name());
    }

    @Test
    void aBrokenRuleIsNamed() {
        var error = assertThrows(IllegalArgumentException.class, () -> TagRule.regex("x", "("));
        assertEquals("stats tag 'x': not a regular expression: Unclosed group", error.getMessage());
    }
}
