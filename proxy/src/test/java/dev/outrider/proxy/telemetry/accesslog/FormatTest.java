package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.xds.model.AccessLog.Filter;
import dev.outrider.xds.model.AccessLog.Op;
import dev.outrider.xds.model.Metadata;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FormatTest {

    private final LogContext context = context();

    private static LogContext context() {
        DownstreamConnection connection = new DownstreamConnection(
                5, new EmbeddedChannel(), new InetSocketAddress("127.0.0.1", 4001), new InetSocketAddress("127.0.0.1", 8080), null);
        StreamInfo info = new StreamInfo(connection);
        info.startMillis = 1_700_000_000_123L;
        info.startNanos = 1;
        info.endNanos = 25_000_001;
        info.protocol = "HTTP/1.1";
        info.responseCode = 503;
        info.responseCodeDetails = "a b";
        info.flag(ResponseFlag.URX);
        info.flag(ResponseFlag.UF);
        info.routeName = "r";
        info.upstreamCluster = "app";
        info.upstreamHost = new InetSocketAddress("127.0.0.1", 9000);
        info.upstreamClusterMetadata = new Metadata(Map.of("com.test", Map.of("k", "v", "n", 3.0, "l", List.of(1.0, "a"))));
        RequestHead request = new RequestHead();
        request.reset("GET", "/rw/x?q=a%20b&r=2", "a.test", "http", RequestHead.Protocol.HTTP_1_1);
        request.headers().add("user-agent", "ua \"q\" \\x");
        request.headers().add("x-u", "alice");
        request.headers().add("x-bad", "h\u00e9\"");
        ResponseHead response = new ResponseHead();
        response.reset(503);
        response.headers().add("x-be", "app");
        return new LogContext(info, request, response);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "%PROTOCOL% %RESPONSE_CODE%|HTTP/1.1 503",
        "%REQ(:METHOD)% %REQ(X-NONE)% %REQ(X-NONE?X-U)%|GET - alice",
        "%REQ(X-U):3%|ali",
        "%RESP(X-NONE?X-BE):2% %RESP(:STATUS)%|ap 503",
        "%REQ_WITHOUT_QUERY(:PATH)% %REQ_WITHOUT_QUERY(X-NONE?:PATH):3%|/rw/x /rw",
        "%PATH(NQ)% %PATH(WQ:PATH):4% %PATH(NQ:ORIG)%|/rw/x /rw/ -",
        "%QUERY_PARAM(q)% %QUERY_PARAM(none)% %QUERY_PARAMS(ORIG)%|a b - q=a%20b&r=2",
        "%RESPONSE_FLAGS% %RESPONSE_FLAGS_LONG%|UF,URX UpstreamConnectionFailure,UpstreamRetryLimitExceeded",
        "%RESPONSE_CODE_DETAILS%|a_b",
        "%DURATION% %RESPONSE_DURATION%|25 -",
        "%START_TIME% %START_TIME(%s.%3f)% %START_TIME(%Y)% %START_TIME(literal)%|2023-11-14T22:13:20.123Z 1700000000.123 2023 literal",
        "%DOWNSTREAM_REMOTE_ADDRESS% %DOWNSTREAM_LOCAL_PORT% %UPSTREAM_HOST%|127.0.0.1:4001 8080 127.0.0.1:9000",
        "%UPSTREAM_REMOTE_ADDRESS% %UPSTREAM_HOST_NAME_WITHOUT_PORT%|- 127.0.0.1",
        "%CLUSTER_METADATA(com.test:k)% %CLUSTER_METADATA(com.test:none)%|v -",
        "%METADATA(CLUSTER:com.test)%|{\"k\":\"v\",\"l\":[1,\"a\"],\"n\":3}",
        "%GRPC_STATUS% %LOCAL_REPLY_BODY%x %ENVIRONMENT(NO_SUCH_VAR)%|- x -",
        "100%% %CONNECTION_ID% %TRACE_ID%|100% 5 -"
    })
    void text(String format, String want) {
        assertEquals(want, Template.compile(format, false).format(context));
    }

    @Test
    void jsonIsTypedAndSorted() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("z", "%RESPONSE_CODE%");
        fields.put("a", "code %RESPONSE_CODE%");
        fields.put("none", "%REQ(X-NONE)%");
        fields.put("nest", new LinkedHashMap<>(Map.of("list", new ArrayList<>(Arrays.asList("%PROTOCOL%", 7.0, true)))));
        fields.put("m", "%CLUSTER_METADATA(com.test)%");
        fields.put("q", "%REQ(USER-AGENT)%");
        fields.put("bad", "%REQ(X-BAD)%");
        Line out = new Line(16);
        new JsonFormat(fields, false).append(context, out);
        assertEquals("{\"a\":\"code 503\",\"bad\":\"h\\u00e9\\\"\",\"m\":{\"k\":\"v\",\"l\":[1,\"a\"],\"n\":3},\"nest\":{\"list\":[\"HTTP/1.1\",7,true]},"
                + "\"none\":null,\"q\":\"ua \\\"q\\\" \\\\x\",\"z\":503}\n", out.toString());
        out.setLength(0);
        new JsonFormat(Map.of("none", "%REQ(X-NONE)%", "x", "1"), true).append(context, out);
        assertEquals("{\"x\":\"1\"}\n", out.toString());
    }

    @Test
    void everyOperatorOfTheDefaultFormatIsKnown() {
        assertTrue(Template.compile(AccessLogs.DEFAULT_FORMAT, false).format(context).startsWith("[2023-11-14T22:13:20.123Z] \"GET /rw/x"));
    }

    @Test
    void unknownOperatorsAreNamed() {
        String message = assertThrows(IllegalArgumentException.class, () -> Template.compile("%NO_SUCH%", false)).getMessage();
        assertTrue(message.contains("NO_SUCH"), message);
        assertThrows(IllegalArgumentException.class, () -> Template.compile("%PROTOCOL", false));
        assertThrows(IllegalArgumentException.class, () -> Template.compile("%REQ%", false));
    }

    @Test
    void filters() {
        assertTrue(logs(new Filter.Status(Op.GE, 500)));
        assertFalse(logs(new Filter.Status(Op.EQ, 200)));
        assertTrue(logs(new Filter.Flags(List.of("NR", "UF"))));
        assertFalse(logs(new Filter.Flags(List.of("NR"))));
        assertTrue(logs(new Filter.Flags(List.of())));
        assertTrue(logs(new Filter.DurationMillis(Op.GE, 25)));
        assertTrue(logs(new Filter.Or(List.of(new Filter.Status(Op.EQ, 1), new Filter.NotHealthCheck()))));
        assertFalse(logs(new Filter.And(List.of(new Filter.Status(Op.EQ, 1), new Filter.NotHealthCheck()))));
        assertTrue(logs(new Filter.GrpcStatus(List.of("UNAVAILABLE"), false)));
        assertFalse(logs(new Filter.LogType(List.of("DownstreamEnd"), false)));
    }

    private boolean logs(Filter filter) {
        return LogFilter.compile(filter).logs(context);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "response.code >= 400 && request.url_path != \"/deny\";true",
        "response.code == 200 || request.method == 'GET';true",
        "!(response.code >= 400);false",
        "has(request.headers['x-u']) && request.headers[\"x-u\"].startsWith(\"al\");true",
        "request.headers['none'] == 'x';false",
        "xds.route_name.contains('zz');false"
    })
    void cel(String expression, boolean want) {
        LogFilter filter = CelExpression.compile(expression);
        assertEquals(want, filter != null && filter.logs(context));
    }

    @Test
    void celBeyondTheSubsetDoesNotCompile() {
        for (String expression : List.of("a.b", "1 +", "[1].exists(x, x)", "request.code ==", "'a", "(".repeat(100_000))) {
            LogFilter filter;
            try {
                filter = CelExpression.compile(expression);
            } catch (StackOverflowError e) {
                throw new AssertionError("too deep for: " + expression.substring(0, 5), e);
            }
            assertNull(filter, expression.length() > 50 ? "deep" : expression);
        }
    }
}
