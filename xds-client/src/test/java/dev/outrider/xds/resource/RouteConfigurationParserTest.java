package dev.outrider.xds.resource;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.HttpFilter.PerRoute;
import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.RouteConfiguration.HeaderMutations.Append;
import dev.outrider.xds.model.match.Matchers.Fraction;
import dev.outrider.xds.model.match.Matchers.HeaderTest;
import dev.outrider.xds.model.match.StringMatcher;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class RouteConfigurationParserTest {

    private static Parsed<RouteConfiguration> parse(String json) {
        return RouteConfigurationParser.parse(
                Json.read(dev.outrider.xds.proto.envoy.config.route.v3.RouteConfiguration.getDefaultInstance(), json));
    }

    private static Parsed<RouteConfiguration> routes(String routes) {
        return parse("{'virtual_hosts':[{'name':'v','domains':['*'],'routes':[" + routes + "]}]}");
    }

    private static Route route(String route) {
        Parsed<RouteConfiguration> parsed = routes(route);
        assertTrue(parsed.accepted(), parsed.reasons().toString());
        return parsed.get().virtualHosts().get(0).routes().get(0);
    }

    private static RouteAction.Forward forward(String action) {
        return (RouteAction.Forward) route("{'match':{'prefix':'/'},'route':{'cluster':'c'," + action + "}}").action();
    }

    @Test
    void defaultsOfARoute() {
        Route route = route("{'match':{'prefix':'/'},'route':{'cluster':'c'}}");
        assertTrue(route.match().caseSensitive());
        var forward = (RouteAction.Forward) route.action();
        assertEquals(15_000_000_000L, forward.timeoutNanos());
        assertEquals(-1, forward.idleTimeoutNanos());
        assertEquals(-1, forward.maxStreamDurationNanos());
        assertEquals(-1, forward.grpcTimeoutMaxNanos());
        assertEquals(503, forward.clusterNotFoundStatus());
        assertNull(forward.retry());
        assertEquals(RouteAction.Priority.DEFAULT, forward.priority());
    }

    @Test
    void defaultsOfARetryPolicy() {
        var retry = Objects.requireNonNull(forward("'retry_policy':{'retry_on':'5xx, reset,'}").retry());
        assertEquals(
                new RouteAction.RetryPolicy(List.of("5xx", "reset"), 1, 0, 0, List.of(), List.of(), List.of(), false, 1, false, 0,
                        25_000_000, 250_000_000),
                retry);
    }

    @Test
    void retriesAndMirrorsOfTheVirtualHostAreInherited() {
        RouteConfiguration routes = parse("{'request_mirror_policies':[{'cluster':'outer'}],'virtual_hosts':[{'name':'v',"
                + "'domains':['*'],'retry_policy':{'retry_on':'5xx'},'routes':["
                + "{'match':{'prefix':'/a'},'route':{'cluster':'c'}},"
                + "{'match':{'prefix':'/b'},'route':{'cluster':'c','retry_policy':{'retry_on':'reset'},"
                + "'request_mirror_policies':[{'cluster':'m','disable_shadow_host_suffix_append':true,"
                + "'runtime_fraction':{'default_value':{'numerator':3,'denominator':'MILLION'}}}]}}]}]}").get();
        var inherited = (RouteAction.Forward) routes.virtualHosts().get(0).routes().get(0).action();
        var own = (RouteAction.Forward) routes.virtualHosts().get(0).routes().get(1).action();
        assertEquals(List.of("5xx"), Objects.requireNonNull(inherited.retry()).retryOn());
        assertEquals(List.of(new RouteAction.Mirror("outer", "", Fraction.ALL, true)), inherited.mirrors());
        assertEquals(List.of("reset"), Objects.requireNonNull(own.retry()).retryOn());
        assertEquals(List.of(new RouteAction.Mirror("m", "", new Fraction(3, 1_000_000), false)), own.mirrors());
    }

    @Test
    void grpcTimeoutNewerFieldWins() {
        assertEquals(2_000_000_000L, forward("'max_grpc_timeout':'2s'").grpcTimeoutMaxNanos());
        assertEquals(0, forward("'max_grpc_timeout':'2s','max_stream_duration':{'grpc_timeout_header_max':'0s'}")
                .grpcTimeoutMaxNanos());
    }

    @Test
    void everyKindOfAction() {
        assertEquals(
                new RouteAction.Redirect("https", false, "h", 8443, null, "/p", null, 308, true),
                route("{'match':{'path':'/x'},'redirect':{'scheme_redirect':'https','host_redirect':'h','port_redirect':8443,"
                        + "'prefix_rewrite':'/p','response_code':'PERMANENT_REDIRECT','strip_query':true}}").action());
        assertEquals(
                new RouteAction.DirectResponse(502, Bytes.EMPTY),
                route("{'match':{'path':'/x'},'direct_response':{'status':502}}").action());
        assertInstanceOf(RouteAction.NonForwarding.class, route("{'match':{'path':'/x'},'non_forwarding_action':{}}").action());
    }

    @Test
    void rewritesHashesAndUpgrades() {
        RouteAction.Forward forward = forward("'regex_rewrite':{'pattern':{'regex':'^/a(/?)(.*)'},'substitution':'/\\\\2'},"
                + "'host_rewrite_literal':'h','hash_policy':[{'cookie':{'name':'k','ttl':'0s','path':'/'},'terminal':true},"
                + "{'connection_properties':{'source_ip':true}},{'header':{'header_name':'X-Y'}}],"
                + "'upgrade_configs':[{'upgrade_type':'WebSocket','enabled':false}]");
        var rewrite = (RouteAction.Rewrite.Regex) Objects.requireNonNull(forward.rewrite());
        assertEquals("/\\2", rewrite.rewrite().substitution());
        assertEquals(new RouteAction.HostRewrite.Literal("h"), forward.hostRewrite());
        assertEquals(
                List.of(
                        new RouteAction.HashPolicy(new RouteAction.HashPolicy.Source.Cookie("k", 0, "/", Map.of()), true),
                        new RouteAction.HashPolicy(new RouteAction.HashPolicy.Source.SourceIp(), false),
                        new RouteAction.HashPolicy(new RouteAction.HashPolicy.Source.Header("x-y"), false)),
                forward.hashPolicies());
        assertEquals(Map.of("websocket", false), forward.upgrades());
    }

    @Test
    void headerMutationsAndTheirOldForm() {
        Route route = route("{'match':{'prefix':'/'},'route':{'cluster':'c'},'request_headers_to_add':["
                + "{'header':{'key':'A','value':'1'},'append':false},{'header':{'key':'B','value':'%REQ(x)%'}}],"
                + "'response_headers_to_remove':['Server']}");
        assertEquals(
                List.of(
                        new Append("a", "1", Append.Action.OVERWRITE_IF_EXISTS_OR_ADD, false),
                        new Append("b", "%REQ(x)%", Append.Action.APPEND_IF_EXISTS_OR_ADD, false)),
                route.headers().requestAdd());
        assertEquals(List.of("server"), route.headers().responseRemove());
    }

    @Test
    void matchersOfARoute() {
        Route.Match match = route("{'match':{'safe_regex':{'regex':'/a.*'},'case_sensitive':false,'grpc':{},"
                + "'headers':[{'name':'X','range_match':{'start':'1','end':'5'}},{'name':'y','present_match':false},"
                + "{'name':'z','exact_match':'v','invert_match':true,'treat_missing_header_as_empty':true},{'name':'w'}],"
                + "'query_parameters':[{'name':'q','string_match':{'contains':'V','ignore_case':true}},{'name':'p'}]},"
                + "'route':{'cluster':'c'}}").match();
        assertTrue(match.grpcOnly());
        assertEquals(new HeaderTest.Range(1, 5), match.headers().get(0).test());
        assertEquals("x", match.headers().get(0).name());
        assertEquals(new HeaderTest.Presence(false), match.headers().get(1).test());
        assertTrue(match.headers().get(2).invert());
        assertTrue(match.headers().get(2).missingIsEmpty());
        assertEquals(new HeaderTest.Presence(true), match.headers().get(3).test());
        assertEquals(new StringMatcher.Contains("V", true), match.queryParameters().get(0).matcher());
        assertNull(match.queryParameters().get(1).matcher());
    }

    @Test
    void perRouteSettings() {
        Route route = route("{'match':{'prefix':'/'},'route':{'cluster':'c'},'typed_per_filter_config':{"
                + "'f':{@<envoy.extensions.filters.http.fault.v3.HTTPFault>,'delay':{'fixed_delay':'1.5s',"
                + "'percentage':{'numerator':1}}},"
                + "'r':{@<envoy.extensions.filters.http.rbac.v3.RBACPerRoute>},"
                + "'d':{@<envoy.config.route.v3.FilterConfig>,'disabled':true},"
                + "'o':{@<envoy.config.route.v3.FilterConfig>,'is_optional':true,"
                + "'config':{@<envoy.extensions.filters.http.lua.v3.LuaPerRoute>}},"
                + "'c':{@<envoy.extensions.filters.http.cors.v3.CorsPolicy>,'allow_methods':'GET'}}}");
        var fault = (PerRoute.FaultPerRoute) Objects.requireNonNull(route.perFilter().get("f"));
        assertEquals(1_500_000_000L, fault.policy().delayNanos());
        assertEquals(new Fraction(1, 100), fault.policy().delayShare());
        assertEquals(new PerRoute.RbacPerRoute(null), route.perFilter().get("r"));
        assertInstanceOf(PerRoute.Disabled.class, route.perFilter().get("d"));
        assertInstanceOf(PerRoute.Inert.class, route.perFilter().get("o"));
        var cors = (PerRoute.CorsPerRoute) Objects.requireNonNull(route.perFilter().get("c"));
        assertEquals("GET", cors.policy().allowMethods());
        assertEquals(Fraction.ALL, cors.policy().enabled());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {'name':'v','domains':['a','A']}                      | virtual_hosts[0].domains: 'a' is a domain of an earlier virtual host too
            {'name':'v','domains':['a']},{'name':'w','domains':['A']} | virtual_hosts[1].domains: 'a' is a domain of an earlier virtual host too
            {'name':'v','domains':[]}                             | virtual_hosts[0].domains: is empty
            {'name':'','domains':['a']}                           | virtual_hosts[0].name: is empty
            {'name':'v','domains':['a'],'require_tls':5}          | virtual_hosts[0].require_tls: unknown value 5
            {'name':'v','domains':['a'],'matcher':{}}             | virtual_hosts[0].matcher: is not supported, give routes
            {'name':'v','domains':['a'],'typed_per_filter_config':{'x':{@<envoy.extensions.filters.http.lua.v3.LuaPerRoute>}}} | virtual_hosts[0].typed_per_filter_config[x]: filter 'x' (type envoy.extensions.filters.http.lua.v3.LuaPerRoute) is not supported
            """)
    void aVirtualHostIsRefused(String hosts, String reason) {
        assertEquals(List.of(reason), parse("{'virtual_hosts':[" + hosts + "]}").reasons());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            'match':{},'route':{'cluster':'c'}                                | match: path specifier is not set or not known
            'match':{'prefix':'/'}                                            | route has no action
            'match':{'prefix':'/'},'filter_action':{}                         | filter_action: is not supported
            'match':{'safe_regex':{'regex':''}},'route':{'cluster':'c'}       | match.safe_regex.regex: is empty
            'match':{'safe_regex':{'regex':'[a'}},'route':{'cluster':'c'}     | match.safe_regex.regex: '[a' is not a regular expression: missing closing ]
            'match':{'safe_regex':{'regex':'(a{1000}){1000}'}},'route':{'cluster':'c'} | match.safe_regex.regex: '(a{1000}){1000}' is longer than 32768 characters when written out
            'match':{'path_separated_prefix':'/a/'},'route':{'cluster':'c'}   | match.path_separated_prefix: '/a/' is empty, ends with / or holds ? or #
            'match':{'prefix':'/','headers':[{'name':''}]},'route':{'cluster':'c'} | match.headers[0].name: header name is empty
            'match':{'prefix':'/','headers':[{'name':'a b'}]},'route':{'cluster':'c'} | match.headers[0].name: 'a b' is not a header name
            'match':{'prefix':'/','headers':[{'name':'a','string_match':{}}]},'route':{'cluster':'c'} | match.headers[0].string_match: string matcher has no pattern
            'match':{'prefix':'/','headers':[{'name':'a','string_match':{'prefix':''}}]},'route':{'cluster':'c'} | match.headers[0].string_match.prefix: is empty
            'match':{'prefix':'/','filter_state':[{'key':'k'}]},'route':{'cluster':'c'} | match.filter_state: is not supported
            'match':{'prefix':'/'},'route':{}                                 | route: cluster specifier is not set or not known
            'match':{'prefix':'/'},'route':{'cluster':''}                     | route.cluster: is empty
            'match':{'prefix':'/'},'route':{'weighted_clusters':{}}           | route.weighted_clusters.clusters: is empty
            'match':{'prefix':'/'},'route':{'weighted_clusters':{'clusters':[{'name':'c','weight':0}]}} | route.weighted_clusters: sum of weights is 0, not in 1..4294967295
            'match':{'prefix':'/'},'route':{'weighted_clusters':{'clusters':[{'name':'c','weight':4294967295},{'name':'d','weight':1}]}} | route.weighted_clusters: sum of weights is 4294967296, not in 1..4294967295
            'match':{'prefix':'/'},'route':{'weighted_clusters':{'clusters':[{'weight':1}]}} | route.weighted_clusters.clusters[0]: exactly one of name and cluster_header is needed
            'match':{'prefix':'/'},'route':{'weighted_clusters':{'clusters':[{'name':'c'},{'name':'d','weight':1}]}} | route.weighted_clusters.clusters[0].weight: is needed
            'match':{'prefix':'/'},'route':{'cluster':'c'},'request_headers_to_add':[{'header':{'key':'a','value':'100%'}}] | request_headers_to_add[0].header.value: '100%' has no command operator at position 3
            'match':{'prefix':'/'},'route':{'cluster':'c','timeout':'-1s'}    | route.timeout: duration is negative
            'match':{'prefix':'/'},'route':{'cluster':'c','priority':3}       | route.priority: unknown value 3
            'match':{'prefix':'/'},'route':{'cluster':'c','prefix_rewrite':'/a','regex_rewrite':{'pattern':{'regex':'a'}}} | route: only one of prefix_rewrite and regex_rewrite is allowed
            'match':{'prefix':'/'},'route':{'cluster':'c','regex_rewrite':{'pattern':{'regex':'(a)'},'substitution':'$\\\\2'}} | route.regex_rewrite.substitution: '$\\2' refers to a group that the pattern does not have
            'match':{'prefix':'/'},'route':{'cluster':'c','internal_redirect_policy':{}} | route.internal_redirect_policy: is not supported
            'match':{'prefix':'/'},'route':{'cluster':'c','hash_policy':[{}]} | route.hash_policy[0]: hash policy is not set or not known
            'match':{'prefix':'/'},'route':{'cluster':'c','retry_policy':{'retry_back_off':{}}} | route.retry_policy.retry_back_off.base_interval: is needed
            'match':{'prefix':'/'},'route':{'cluster':'c','retry_policy':{'retry_back_off':{'base_interval':'2s','max_interval':'1s'}}} | route.retry_policy.retry_back_off: max_interval is smaller than base_interval
            'match':{'prefix':'/'},'route':{'cluster':'c','retry_policy':{'retry_host_predicate':[{'name':'x'}]}} | route.retry_policy.retry_host_predicate[0]: retry host predicate 'x' is not supported
            'match':{'prefix':'/'},'route':{'cluster':'c','request_mirror_policies':[{}]} | route.request_mirror_policies[0]: exactly one of cluster and cluster_header is needed
            'match':{'prefix':'/'},'redirect':{'response_code':9}             | redirect.response_code: unknown value 9
            'match':{'prefix':'/'},'direct_response':{'status':100}           | direct_response.status: value 100 is outside 200..599
            'match':{'prefix':'/'},'direct_response':{'status':200,'body':{'filename':'/no/such/file'}} | direct_response.body.filename: cannot read '/no/such/file': java.nio.file.NoSuchFileException: /no/such/file
            'match':{'prefix':'/'},'route':{'cluster':'c'},'request_headers_to_add':[{'header':{'key':':path','value':'x'}}] | request_headers_to_add[0].header.key: ':path': pseudo headers and host cannot be changed here
            'match':{'prefix':'/'},'route':{'cluster':'c'},'request_headers_to_remove':['Host'] | request_headers_to_remove[0]: 'host': pseudo headers and host cannot be changed here
            'match':{'prefix':'/'},'route':{'cluster':'c'},'response_headers_to_add':[{'header':{'key':'a','value':'x'},'append':true,'append_action':'ADD_IF_ABSENT'}] | response_headers_to_add[0]: both append and append_action are set
            'match':{'prefix':'/'},'route':{'cluster':'c'},'decorator':{}     | decorator.operation: is empty
            """)
    void aRouteIsRefused(String route, String reason) {
        String at = "virtual_hosts[0].routes[0]";
        assertEquals(
                List.of(at + (reason.startsWith("route has") ? ": " : ".") + reason), routes("{" + route + "}").reasons());
    }

    @Test
    void aBodyLargerThanTheLimitIsRefused() {
        assertEquals(
                List.of("virtual_hosts[0].routes[0].direct_response.body: has 4097 bytes, more than the allowed 4096"),
                routes("{'match':{'prefix':'/'},'direct_response':{'status':200,'body':{'inline_string':'" + "x".repeat(4097)
                        + "'}}}").reasons());
    }

    @Test
    void reasonsAreBounded() {
        StringBuilder many = new StringBuilder("{'match':{},'route':{}}");
        for (int i = 0; i < 1000; i++) {
            many.append(",{'match':{},'route':{}}");
        }
        assertEquals(10, routes(many.toString()).reasons().size());
    }
}
