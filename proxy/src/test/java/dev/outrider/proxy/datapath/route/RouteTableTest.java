package dev.outrider.proxy.datapath.route;

import com.google.gson.Gson;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.xds.bootstrap.TreeText;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.RouteConfiguration.HeaderMutations;
import dev.outrider.xds.resource.RouteConfigurationParser;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** {@code router_check.json} is made of the data tables of Envoy's router_check tool (envoyproxy/envoy, Apache-2.0). */
class RouteTableTest {

    static Stream<Arguments> rows() throws Exception {
        List<Arguments> rows = new ArrayList<>();
        try (var in = new InputStreamReader(RouteTableTest.class.getResourceAsStream("router_check.json"), StandardCharsets.UTF_8)) {
            for (JsonElement element : JsonParser.parseReader(in).getAsJsonArray()) {
                JsonObject table = element.getAsJsonObject();
                var message = dev.outrider.xds.proto.envoy.config.route.v3.RouteConfiguration.parseFrom(
                        TreeText.read(table.get("rc").toString(), "envoy.config.route.v3.RouteConfiguration", false));
                RouteTable compiled = RouteTable.compile(RouteConfigurationParser.parse(message.toBuilder().setName("rc").build()).value());
                for (JsonElement test : table.getAsJsonArray("tests")) {
                    JsonObject row = test.getAsJsonObject();
                    if (!table.get("name").getAsString().equals("Runtime")) {
                        rows.add(Arguments.of(table.get("name").getAsString() + " " + row.get("test_name").getAsString(), compiled, row));
                    }
                }
            }
        }
        return rows.stream();
    }

    private static RouteQuery query(String method, String authority, String path) {
        RequestHead head = new RequestHead();
        head.reset(method, path, authority, "http", RequestHead.Protocol.HTTP_1_1);
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", 1);
        return new RouteQuery(head, new StreamInfo(new DownstreamConnection(1, new EmbeddedChannel(), address, address, null)));
    }

    private static RouteQuery query(JsonObject input) {
        RouteQuery query = query(input.get("method").getAsString(), input.get("authority").getAsString(), input.get("path").getAsString());
        boolean ssl = input.has("ssl") && input.get("ssl").getAsBoolean();
        query.head.scheme(ssl ? "https" : "http");
        query.head.headers().add("x-forwarded-proto", ssl ? "https" : "http");
        query.internal = input.has("internal") && input.get("internal").getAsBoolean();
        query.random = input.has("random_value") ? input.get("random_value").getAsLong() : 0;
        if (input.has("additional_request_headers")) {
            for (JsonElement header : input.getAsJsonArray("additional_request_headers")) {
                String key = header.getAsJsonObject().get("key").getAsString();
                query.head.headers().add(key, header.getAsJsonObject().get("value").getAsString());
            }
        }
        if (input.has("dynamic_metadata")) {
            for (JsonElement entry : input.getAsJsonArray("dynamic_metadata")) {
                @SuppressWarnings("unchecked")
                Map<String, Object> tree = new Gson().fromJson(entry.getAsJsonObject().get("value"), Map.class);
                String filter = entry.getAsJsonObject().get("metadata_namespace").getAsString();
                JsonElement overwrite = entry.getAsJsonObject().get("allow_overwrite");
                if (overwrite != null && overwrite.getAsBoolean()) {
                    query.info.dynamicMetadata().put(filter, tree);
                } else {
                    query.info.dynamicMetadata().putIfAbsent(filter, tree);
                }
            }
        }
        return query;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void asRouterCheckExpects(String name, RouteTable table, JsonObject row) {
        RouteQuery query = query(row.getAsJsonObject("input"));
        RouteDecision decision = table.route(query);
        JsonObject want = row.getAsJsonObject("validate");
        if (want.has("cluster_name")) {
            assertEquals(want.get("cluster_name").getAsString(), decision == null ? "" : decision.cluster(), "cluster");
        }
        if (want.has("virtual_host_name")) {
            boolean forwards = decision != null && decision.plan() != null && decision.virtualHost() != null;
            assertEquals(want.get("virtual_host_name").getAsString(), forwards ? decision.virtualHost().name() : "", "virtual host");
        }
        if (want.has("path_redirect") && !(decision != null && decision.model().action() instanceof RouteAction.DirectResponse)) {
            String location = decision == null ? null : decision.location(query.head);
            assertEquals(want.get("path_redirect").getAsString(), location == null ? "" : location, "redirect");
        }
        if (decision != null && decision.plan() != null) {
            decision.finishRequest(query.head, new LogContext(query.info, query.head, null), true);
        }
        boolean forwards = decision != null && decision.plan() != null;
        if (want.has("path_rewrite")) {
            assertEquals(want.get("path_rewrite").getAsString(), forwards ? query.head.path() : "", "path");
        }
        if (want.has("host_rewrite")) {
            assertEquals(want.get("host_rewrite").getAsString(), forwards ? query.head.authority() : "", "host");
        }
        if (want.has("request_header_matches")) {
            for (JsonElement match : want.getAsJsonArray("request_header_matches")) {
                JsonObject header = match.getAsJsonObject();
                if (header.has("string_match") && header.getAsJsonObject("string_match").has("exact")) {
                    String key = header.get("name").getAsString();
                    assertEquals(header.getAsJsonObject("string_match").get("exact").getAsString(),
                            HeaderMatch.field(query.head, dev.outrider.proxy.http.HeaderName.of(key)), key);
                }
            }
        }
    }

    // ---- own rows

    private static Route route(String name, Route.PathMatch path) {
        return new Route(name, new Route.Match(path, true, List.of(), List.of(), List.of(), null, false, null),
                new RouteAction.DirectResponse(200, dev.outrider.xds.model.Bytes.EMPTY), HeaderMutations.NONE, Map.of(), Metadata.EMPTY, "", false, "");
    }

    private static RouteConfiguration.VirtualHost host(String name, List<String> domains, List<Route> routes) {
        return new RouteConfiguration.VirtualHost(name, domains, routes, RouteConfiguration.RequireTls.NONE, HeaderMutations.NONE, false, false,
                Map.of(), Metadata.EMPTY);
    }

    private static RouteTable table(RouteConfiguration.VirtualHost... hosts) {
        return RouteTable.compile(new RouteConfiguration(
                "rc", List.of(hosts), HeaderMutations.NONE, List.of(), false, true, false, 4096, Map.of()));
    }

    @Test
    void hostsByExactThenSuffixThenPrefixThenAny() {
        List<Route> all = List.of(route("r", new Route.PathMatch.Prefix("/")));
        RouteTable table = table(host("exact", List.of("a.b.test"), all), host("suffix", List.of("*.b.test"), all),
                host("short", List.of("*.test"), all), host("prefix", List.of("a.*"), all), host("any", List.of("*"), all));
        assertEquals("exact", table.route(query("GET", "A.b.test:80", "/")).virtualHost().name());
        assertEquals("suffix", table.route(query("GET", "x.b.test", "/")).virtualHost().name());
        assertEquals("short", table.route(query("GET", "b.test", "/")).virtualHost().name());
        assertEquals("prefix", table.route(query("GET", "a.example", "/")).virtualHost().name());
        assertEquals("any", table.route(query("GET", "z", "/")).virtualHost().name());
        assertNull(table.route(query("GET", "", "/")));
    }

    @Test
    void longListsMatchAsIfEachRouteWereTriedInTurn() {
        Random random = new Random(7);
        for (int round = 0; round < 50; round++) {
            List<Route> routes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                StringBuilder path = new StringBuilder("/");
                int length = random.nextInt(4);
                for (int j = 0; j < length; j++) {
                    path.append("ab/".charAt(random.nextInt(3)));
                }
                Route.PathMatch match = switch (random.nextInt(4)) {
                    case 0 -> new Route.PathMatch.Exact(path.toString());
                    case 1 -> new Route.PathMatch.Prefix(path.toString());
                    case 2 -> new Route.PathMatch.SeparatedPrefix(path.toString());
                    default -> new Route.PathMatch.Regex(com.google.re2j.Pattern.compile(path + "b.*"));
                };
                routes.add(route("r" + i, match));
            }
            RouteTable indexed = table(host("h", List.of("*"), routes));
            for (int i = 0; i < 200; i++) {
                StringBuilder path = new StringBuilder("/");
                int length = random.nextInt(6);
                for (int j = 0; j < length; j++) {
                    path.append("ab/".charAt(random.nextInt(3)));
                }
                String text = path + (random.nextBoolean() ? "?x=/" : "");
                String want = null;
                for (Route one : routes) {
                    if (table(host("h", List.of("*"), List.of(one))).route(query("GET", "h", text)) != null) {
                        want = one.name();
                        break;
                    }
                }
                RouteDecision got = indexed.route(query("GET", "h", text));
                assertEquals(want, got == null ? null : got.model().name(), text);
            }
        }
    }

    @Test
    void tenThousandVirtualHostsAreFoundByName() {
        RouteConfiguration.VirtualHost[] hosts = new RouteConfiguration.VirtualHost[10_000];
        for (int i = 0; i < hosts.length; i++) {
            hosts[i] = host("h" + i, List.of("s" + i + ".ns.svc.cluster.local"), List.of(route("r", new Route.PathMatch.Prefix("/"))));
        }
        RouteTable table = table(hosts);
        for (int i = 0; i < hosts.length; i += 97) {
            RouteDecision decision = table.route(query("GET", "s" + i + ".ns.svc.cluster.local:9080", "/"));
            assertNotNull(decision);
            assertEquals("h" + i, decision.virtualHost().name());
        }
    }

    @Test
    void uriTemplates() {
        RouteTable table = table(host("h", List.of("*"), List.of(
                route("one", new Route.PathMatch.UriTemplate("/a/*/c")), route("named", new Route.PathMatch.UriTemplate("/v/{x}/{y=**}")))));
        assertEquals("one", table.route(query("GET", "h", "/a/b/c")).model().name());
        assertNull(table.route(query("GET", "h", "/a/b/b/c")));
        assertEquals("named", table.route(query("GET", "h", "/v/1/2/3?q")).model().name());
        assertTrue(UriTemplates.compile("/**").matches("/x/y"));
    }
}
