package dev.outrider.proxy.datapath.relay.http;

import dev.outrider.proxy.connection.XxHash64;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.RouteAction;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RetriesTest {

    private static ForwardPlan plan(String on) {
        RouteAction.RetryPolicy policy = on.isEmpty()
                ? null
                : new RouteAction.RetryPolicy(List.of(on.split(",")), 2, 0, 0, List.of(418), List.of(), List.of(), false, 1, false, 0, 25_000_000, 250_000_000);
        return new ForwardPlan(new RouteAction.Forward(new RouteAction.Target.Single("c"), 503, null, null, false, 0, -1, 0, -1, policy, List.of(),
                List.of(), Map.of(), RouteAction.Priority.DEFAULT, Map.of()), false, false);
    }

    private static RequestHead head() {
        RequestHead head = new RequestHead();
        head.reset("GET", "/", "a", "http", RequestHead.Protocol.HTTP_1_1);
        return head;
    }

    @ParameterizedTest
    @CsvSource(nullValues = "-", value = {
        "5xx, 500, -, true", "5xx, 404, -, false", "gateway-error, 500, -, false", "gateway-error, 503, -, true",
        "retriable-4xx, 409, -, true", "retriable-4xx, 404, -, false", "retriable-status-codes, 418, -, true", "connect-failure, 503, -, false",
        "unavailable, 200, 14, true", "unavailable, 200, 13, false", "internal, 200, 13, true", "cancelled, 200, 1, true",
        "deadline-exceeded, 200, 4, true", "resource-exhausted, 200, 8, true"
    })
    void byAnswer(String on, int status, String grpc, boolean want) {
        ResponseHead answer = new ResponseHead();
        answer.reset(status);
        if (grpc != null) {
            answer.headers().add("grpc-status", grpc);
        }
        assertEquals(want, Retries.of(plan(on), head()).wanted(answer));
    }

    @ParameterizedTest
    @CsvSource({
        "5xx, CONNECTION_TERMINATION, true, true", "5xx, OVERFLOW, false, false", "connect-failure, CONNECTION_FAILURE, false, true",
        "connect-failure, REMOTE_RESET, true, false", "refused-stream, REMOTE_REFUSED_STREAM, true, true", "reset, REMOTE_RESET, true, true",
        "reset-before-request, CONNECTION_TERMINATION, false, true", "reset-before-request, CONNECTION_TERMINATION, true, false",
        "gateway-error, PROTOCOL_ERROR, true, true"
    })
    void byReset(String on, StreamReset reason, boolean begun, boolean want) {
        assertEquals(want, Retries.of(plan(on), head()).wanted(reason, begun));
    }

    @Test
    void fieldsOfTheRequestCountAndGo() {
        assertNull(Retries.of(plan(""), head()));
        RequestHead head = head();
        head.headers().add("x-envoy-retry-on", "5xx");
        head.headers().add("x-envoy-max-retries", "0");
        Retries retries = Retries.of(plan(""), head);
        assertNotNull(retries);
        assertTrue(retries.exhausted());
        assertEquals(0, head.headers().size());
    }

    @Test
    void backoffGrowsWithinItsBounds() {
        Retries retries = Retries.of(plan("5xx"), head());
        for (int round = 1; round < 40; round++) {
            long most = Math.min(250_000_000L, 25_000_000L * ((1L << Math.min(round, 20)) - 1));
            long wait = retries.nextBackoffNanos();
            assertTrue(wait >= 0 && wait < most, () -> "waited " + wait);
        }
    }

    @Test
    void hashesAsXxHashSays() {
        assertEquals(0xEF46DB3751D8E999L, XxHash64.hash(new byte[0]));
        assertEquals(0xD24EC4F1A98C6E5BL, XxHash64.hash("a".getBytes(StandardCharsets.US_ASCII)));
        assertEquals(0x44BC2CF5AD770999L, XxHash64.hash("abc".getBytes(StandardCharsets.US_ASCII)));
    }
}
