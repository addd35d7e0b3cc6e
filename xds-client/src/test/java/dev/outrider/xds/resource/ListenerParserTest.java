package dev.outrider.xds.resource;

import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpConnectionManager.HostPort;
import dev.outrider.xds.model.HttpConnectionManager.Http1Options;
import dev.outrider.xds.model.HttpConnectionManager.Http2Options;
import dev.outrider.xds.model.HttpConnectionManager.Limits;
import dev.outrider.xds.model.HttpConnectionManager.PathNormalization;
import dev.outrider.xds.model.HttpConnectionManager.Timeouts;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.Rbac;
import dev.outrider.xds.model.match.StringMatcher;
import dev.outrider.xds.resource.part.Ignored;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ListenerParserTest {

    private static final String ADDRESS = "'address':{'socket_address':{'address':'127.0.0.1','port_value':1}}";
    private static final String TCP = "{'name':'t','typed_config':{@<envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy>,"
            + "'stat_prefix':'s','cluster':'c'}}";
    private static final String ROUTER =
            "{'name':'r','typed_config':{@<envoy.extensions.filters.http.router.v3.Router>}}";
    private static final String HCM_TYPE = "@<envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager>";

    private static Parsed<Listener> parse(String json) {
        return ListenerParser.parse(Json.read(dev.outrider.xds.proto.envoy.config.listener.v3.Listener.getDefaultInstance(), json));
    }

    private static Parsed<Listener> hcm(String fields) {
        return parse("{" + ADDRESS + ",'filter_chains':[{'filters':[{'name':'h','typed_config':{" + HCM_TYPE + "," + fields + "}}]}]}");
    }

    private static HttpConnectionManager hcmOf(Parsed<Listener> parsed) {
        assertTrue(parsed.accepted(), parsed.reasons().toString());
        return (HttpConnectionManager) parsed.get().filterChains().get(0).filters().get(0);
    }

    private static Parsed<Listener> httpFilter(String filter) {
        return hcm("'stat_prefix':'s','route_config':{},'http_filters':[" + filter + "," + ROUTER + "]");
    }

    @Test
    void defaultsOfAListener() {
        Listener listener = parse("{" + ADDRESS + ",'filter_chains':[{'filters':[" + TCP + "]}]}").get();
        assertTrue(listener.bindToPort());
        assertTrue(listener.reusePort());
        assertFalse(listener.useOriginalDst());
        assertFalse(listener.continueOnFiltersTimeout());
        assertEquals(15_000_000_000L, listener.filtersTimeoutNanos());
        assertEquals(1 << 20, listener.bufferLimitBytes());
        var tcp = (NetworkFilter.TcpProxy) listener.filterChains().get(0).filters().get(0);
        assertEquals(3_600_000_000_000L, tcp.idleTimeoutNanos());
        assertEquals(1, tcp.maxConnectAttempts());
    }

    @Test
    void defaultsOfAnHttpConnectionManager() {
        HttpConnectionManager hcm = hcmOf(hcm("'stat_prefix':'s','route_config':{},'http_filters':[" + ROUTER + "]"));
        long second = 1_000_000_000L;
        assertEquals(new Timeouts(3600 * second, 300 * second, 0, 0, 0, 0, 5 * second, second), hcm.timeouts());
        assertEquals(new Limits(61_440, 100, Limits.Underscores.ALLOW), hcm.limits());
        assertEquals(new Http1Options(false, "", true, false, false, false, false), hcm.http1());
        assertEquals(new Http2Options(1024, 16 << 20, 24 << 20, false), hcm.http2());
        assertEquals(new PathNormalization(false, false, PathNormalization.EscapedSlashes.KEEP), hcm.path());
        assertEquals(new HostPort(false, false, false), hcm.hostPort());
        assertEquals("envoy", hcm.serverHeader().name());
        assertTrue(hcm.forwarding().generateRequestId());
        assertFalse(hcm.forwarding().useRemoteAddress());
        assertEquals(HttpConnectionManager.Xfcc.SANITIZE, hcm.forwarding().xfcc());
        assertEquals(4096, Objects.requireNonNull(hcm.routes()).maxDirectResponseBodyBytes());
    }

    /** Fields of a listener that has an address and one good chain, and the reason why it is refused. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            'udp_listener_config':{}                 | udp_listener_config: UDP is not supported
            'api_listener':{}                        | api_listener: is not supported
            'internal_listener':{}                   | internal_listener: is not supported
            'filter_chain_matcher':{}                | filter_chain_matcher: is not supported, give filter_chain_match
            'listener_filters_timeout':'-1s'         | listener_filters_timeout: duration is negative
            'traffic_direction':9                    | traffic_direction: unknown value 9
            'listener_filters':[{'name':'x'}]        | listener_filters[0]: filter 'x' is not supported
            'listener_filters':[{'name':'','typed_config':{@<envoy.extensions.filters.listener.original_dst.v3.OriginalDst>}}] | listener_filters[0].name: is empty
            'listener_filters':[{'name':'envoy.filters.listener.proxy_protocol','typed_config':{@<envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol>}}] | listener_filters[0]: filter 'envoy.filters.listener.proxy_protocol' (type envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol) is not supported
            'listener_filters':[{'name':'envoy.filters.listener.tls_inspector','filter_disabled':{'or_match':{'rules':[{'any_match':true}]}}}] | listener_filters[0].filter_disabled.or_match.rules: needs at least two rules
            'access_log':[{'name':'f','filter':{'response_flag_filter':{'flags':['XX']}}}] | access_log[0].filter.response_flag_filter.flags[0]: 'XX' is not a response flag
            'access_log':[{'name':'f','typed_config':{@<envoy.extensions.access_loggers.file.v3.FileAccessLog>,'path':'/dev/null','log_format':{'text_format_source':{'inline_string':'%x%'}}}}] | access_log[0].typed_config.log_format.text_format_source: '%x%' has no command operator at position 0
            'access_log':[{'name':'f','filter':{}}]  | access_log[0].filter: access log filter is not set
            'additional_addresses':[{'address':{'socket_address':{'address':'host.example','port_value':1}}}] | additional_addresses[0].address.socket_address.address: 'host.example' is not an IP address
            """)
    void aListenerIsRefused(String fields, String reason) {
        Parsed<Listener> parsed = parse("{" + ADDRESS + ",'filter_chains':[{'filters':[" + TCP + "]}]," + fields + "}");
        assertEquals(List.of(reason), parsed.reasons());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {}                                                                  | address is not set
            {'socket_address':{'address':'','port_value':1}}                    | '' is not an IP address
            {'socket_address':{'address':'1.2.3','port_value':1}}               | '1.2.3' is not an IP address
            {'socket_address':{'address':'1.2.3.4','port_value':65536}}         | value 65536 is outside 0..65535
            {'socket_address':{'address':'1.2.3.4','protocol':'UDP'}}           | UDP is not supported
            {'socket_address':{'address':'1.2.3.4','named_port':'http'}}        | named ports are not supported, give port_value
            {'pipe':{'path':''}}                                                | is empty
            """)
    void anAddressIsRefused(String address, String reason) {
        Parsed<Listener> parsed = parse("{'address':" + address + ",'filter_chains':[{'filters':[" + TCP + "]}]}");
        assertEquals(1, parsed.reasons().size(), parsed.reasons().toString());
        assertTrue(parsed.reason().startsWith("address"), parsed.reason());
        assertTrue(parsed.reason().endsWith(": " + reason), parsed.reason());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            'destination_port':0          | destination_port: value 0 is outside 1..65535
            'destination_port':70000      | destination_port: value 70000 is outside 1..65535
            'source_ports':[0]            | source_ports[0]: value 0 is outside 1..65535
            'source_type':7               | source_type: unknown value 7
            'server_names':['a.*']        | server_names[0]: 'a.*' is neither a name nor *.name
            'server_names':['*']          | server_names[0]: '*' is neither a name nor *.name
            'server_names':['']           | server_names[0]: '' is neither a name nor *.name
            'suffix_len':1                | address_suffix and suffix_len are not supported
            'prefix_ranges':[{'address_prefix':'10.0.0.0','prefix_len':33}] | prefix_ranges[0].prefix_len: value 33 is outside 0..32
            'prefix_ranges':[{'address_prefix':'nowhere','prefix_len':3}]   | prefix_ranges[0].address_prefix: 'nowhere' is not an IP address
            """)
    void aMatchIsRefused(String fields, String reason) {
        Parsed<Listener> parsed =
                parse("{" + ADDRESS + ",'filter_chains':[{'filter_chain_match':{" + fields + "},'filters':[" + TCP + "]}]}");
        assertEquals(1, parsed.reasons().size(), parsed.reasons().toString());
        String separator = reason.startsWith("address_suffix") ? ": " : ".";
        assertEquals("filter_chains[0].filter_chain_match" + separator + reason, parsed.reason());
    }

    /** Two matches, and whether a connection could find both equally good. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {}                                  | {}                                  | true
            {'destination_port':1}              | {'destination_port':1}              | true
            {'destination_port':1}              | {'destination_port':2}              | false
            {'destination_port':1}              | {}                                  | false
            {'server_names':['a','b']}          | {'server_names':['B','c']}          | true
            {'server_names':['*.a']}            | {'server_names':['x.a']}            | false
            {'prefix_ranges':[{'address_prefix':'10.1.2.3','prefix_len':8}]} | {'prefix_ranges':[{'address_prefix':'10.9.9.9','prefix_len':8}]} | true
            {'transport_protocol':'tls'}        | {'transport_protocol':'raw_buffer'} | false
            {'application_protocols':['h2']}    | {'application_protocols':['h2','x']} | true
            {'source_type':'EXTERNAL'}          | {}                                  | false
            """)
    void chainsThatMatchTheSameAreRefused(String first, String second, boolean refused) {
        Parsed<Listener> parsed = parse("{" + ADDRESS + ",'filter_chains':[{'filter_chain_match':" + first + ",'filters':[" + TCP
                + "]},{'name':'second','filter_chain_match':" + second + ",'filters':[" + TCP + "]}]}");
        assertEquals(
                refused ? List.of("filter_chains[1]: 'second' matches what an earlier filter chain matches") : List.of(),
                parsed.reasons());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            [{'name':'x'}]          | filters[0]: filter 'x' is not supported
            [{'name':'istio.stats'}] | filters[0]: filter 'istio.stats' cannot be the last of a chain
            [{'name':'d','config_discovery':{}}] | filters[0]: filter 'd' by config_discovery is not supported
            [{'name':'l','typed_config':{@<envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit>}}] | filters[0]: filter 'l' (type envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit) is not supported
            [{'name':'t','typed_config':{@<envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy>,'cluster':'c'}}] | filters[0].typed_config.stat_prefix: is empty
            [{'name':'t','typed_config':{@<envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy>,'stat_prefix':'s'}}] | filters[0].typed_config: one of cluster and weighted_clusters is needed
            [{'name':'t','typed_config':{@<envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy>,'stat_prefix':'s','weighted_clusters':{'clusters':[{'name':'c'}]}}}] | filters[0].typed_config.weighted_clusters.clusters[0].weight: value 0 is outside 1..4294967295
            [{'name':'t','typed_config':{@<envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy>,'stat_prefix':'s','cluster':'c','tunneling_config':{'hostname':'h'}}}] | filters[0].typed_config.tunneling_config: is not supported
            """)
    void aNetworkFilterIsRefused(String filters, String reason) {
        assertEquals(
                List.of("filter_chains[0]." + reason),
                parse("{" + ADDRESS + ",'filter_chains':[{'filters':" + filters + "}]}").reasons());
    }

    @Test
    void aSnifferIsIgnoredByName() {
        Parsed<Listener> parsed = parse("{" + ADDRESS + ",'filter_chains':[{'filters':[{'name':'m','typed_config':"
                + "{@<envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy>,'stat_prefix':'s'}}," + TCP + "]}]}");
        assertEquals(
                List.of(new Ignored("m", "envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy")), parsed.ignored());
        assertTrue(parsed.get().filterChains().get(0).filters().get(0) instanceof NetworkFilter.Observer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            'route_config':{}                            | http_filters: has no router filter
            'http_filters':[ROUTER]                      | one of rds and route_config is needed
            'rds':{'route_config_name':'r'},'http_filters':[ROUTER] | rds.config_source: says no source, give ads, api_config_source or path_config_source
            'rds':{'config_source':{'ads':{}}},'http_filters':[ROUTER] | rds.route_config_name: is empty
            'scoped_routes':{},'http_filters':[ROUTER]   | scoped_routes: is not supported
            'route_config':{},'http_filters':[ROUTER,{'name':'envoy.filters.http.cors'}] | http_filters[0]: filter 'r' (type envoy.extensions.filters.http.router.v3.Router) must be the last filter; filter_chains[0].filters[0].typed_config.http_filters[1]: filter 'envoy.filters.http.cors' cannot be the last filter, the router is
            'route_config':{},'http_filters':[ROUTER],'codec_type':'HTTP3' | codec_type: value 3 is not supported
            'route_config':{},'http_filters':[ROUTER],'codec_type':8 | codec_type: value 8 is not supported
            'route_config':{},'http_filters':[ROUTER],'server_header_transformation':5 | server_header_transformation: unknown value 5
            'route_config':{},'http_filters':[ROUTER],'max_request_headers_kb':0 | max_request_headers_kb: value 0 is outside 1..8192
            'route_config':{},'http_filters':[ROUTER],'http2_protocol_options':{'initial_stream_window_size':5} | http2_protocol_options.initial_stream_window_size: value 5 is outside 65535..2147483647
            'route_config':{},'http_filters':[ROUTER],'upgrade_configs':[{'upgrade_type':'a'},{'upgrade_type':'A'}] | upgrade_configs[1].upgrade_type: 'a' is given twice
            'route_config':{},'http_filters':[ROUTER],'tracing':{'random_sampling':{'value':101}} | tracing.random_sampling: value 101.0 is outside 0..100
            'route_config':{},'http_filters':[ROUTER],'original_ip_detection_extensions':[{'name':'x'}] | original_ip_detection_extensions: 'x' is not supported
            """)
    void anHttpConnectionManagerIsRefused(String fields, String reason) {
        Parsed<Listener> parsed = hcm("'stat_prefix':'s'," + fields.replace("ROUTER", ROUTER));
        String at = "filter_chains[0].filters[0].typed_config";
        assertEquals(at + (reason.startsWith("one of") ? ": " : ".") + reason, parsed.reason());
    }

    @ParameterizedTest
    @CsvSource({
        "jwt_authn, jwt_authn.v3.JwtAuthentication",
        "ext_authz, ext_authz.v3.ExtAuthz",
        "lua, lua.v3.Lua",
        "wasm, wasm.v3.Wasm",
        "compressor, compressor.v3.Compressor",
        "grpc_web, grpc_web.v3.GrpcWeb",
        "header_mutation, header_mutation.v3.HeaderMutation",
        "dynamic_forward_proxy, dynamic_forward_proxy.v3.FilterConfig",
        "local_ratelimit, local_ratelimit.v3.LocalRateLimit",
        "ext_proc, ext_proc.v3.ExternalProcessor",
        "buffer, buffer.v3.Buffer"
    })
    void whatCouldGateARequestIsRefusedUnlessOptional(String name, String type) {
        String full = "envoy.extensions.filters.http." + type;
        String filter = "{'name':'" + name + "','typed_config':{@<" + full + ">}";
        assertEquals(
                List.of("filter_chains[0].filters[0].typed_config.http_filters[0]: filter '" + name + "' (type " + full
                        + ") is not supported"),
                httpFilter(filter + "}").reasons());
        Parsed<Listener> optional = httpFilter(filter + ",'is_optional':true}");
        assertEquals(List.of(new Ignored(name, full)), optional.ignored());
        assertEquals(1, hcmOf(optional).filters().size());
    }

    @Test
    void aNameStandsForAnEmptyConfiguration() {
        assertEquals(new HttpFilter.Cors("envoy.filters.http.cors"), hcmOf(httpFilter("{'name':'envoy.filters.http.cors'}"))
                .filters().get(0));
    }

    /** Both kinds of TypedStruct, in both spellings, are one configuration. */
    @ParameterizedTest
    @CsvSource({"udpa.type.v1.TypedStruct, upstream_propagation, istio_headers",
        "xds.type.v3.TypedStruct, upstreamPropagation, istioHeaders"})
    void typedStructs(String type, String field, String method) {
        Parsed<Listener> parsed = httpFilter("{'name':'istio.metadata_exchange','typed_config':{@<" + type + ">,"
                + "'type_url':'type.googleapis.com/io.istio.http.peer_metadata.Config',"
                + "'value':{'" + field + "':[{'" + method + "':{}}],'unknown_field':1}}}");
        assertEquals(
                new HttpFilter.PeerMetadata("istio.metadata_exchange", false, false, false, true, false, List.of()),
                hcmOf(parsed).filters().get(0));
    }

    @Test
    void typedStructOfEnvoysOwnType() {
        Parsed<Listener> parsed = httpFilter("{'name':'f','typed_config':{@<udpa.type.v1.TypedStruct>,"
                + "'type_url':'type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault','value':{'abort':"
                + "{'http_status':418,'percentage':{'numerator':5,'denominator':'TEN_THOUSAND'}}}}}");
        var fault = Objects.requireNonNull(((HttpFilter.Fault) hcmOf(parsed).filters().get(0)).policy());
        assertEquals(418, fault.abortHttpStatus());
        assertEquals(10_000, fault.abortShare().denominator());
        assertEquals(5, fault.abortShare().numerator());
        assertEquals(-1, fault.abortGrpcStatus());
    }

    @Test
    void rbacIsParsedWhole() {
        Parsed<Listener> parsed = httpFilter("{'name':'envoy.filters.http.rbac','typed_config':"
                + "{@<envoy.extensions.filters.http.rbac.v3.RBAC>,'rules':{'action':'DENY','policies':{"
                + "'b':{'permissions':[{'destination_port':80}],'principals':[{'not_id':{'any':true}}]},"
                + "'a':{'permissions':[{'any':true}],'principals':[{'authenticated':{'principal_name':{'prefix':'spiffe://x/'}}}]}}},"
                + "'shadow_rules':{},'shadow_rules_stat_prefix':'p_'}}");
        var rbac = (HttpFilter.HttpRbac) hcmOf(parsed).filters().get(0);
        var rules = Objects.requireNonNull(rbac.rules());
        assertEquals(Rbac.Action.DENY, rules.action());
        assertEquals(List.of("a", "b"), List.copyOf(rules.policies().keySet()));
        assertEquals(
                List.of(new Rbac.Principal.Authenticated(new StringMatcher.Prefix("spiffe://x/", false))),
                Objects.requireNonNull(rules.policies().get("a")).principals());
        assertEquals(new Rbac(Rbac.Action.ALLOW, Map.of()), rbac.shadowRules());
        assertEquals("p_", rbac.shadowStatPrefix());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            'permissions':[],'principals':[{'any':true}]                       | permissions: is empty
            'permissions':[{}],'principals':[{'any':true}]                     | permissions[0]: permission is not set or not known
            'permissions':[{'any':false}],'principals':[{'any':true}]          | permissions[0].any: must be true
            'permissions':[{'any':true}],'principals':[{}]                     | principals[0]: principal is not set or not known
            'permissions':[{'any':true}],'principals':[{'any':true}],'condition':{} | condition: CEL conditions are not supported
            'permissions':[{'destination_port':99999}],'principals':[{'any':true}] | permissions[0].destination_port: value 99999 is outside 0..65535
            'permissions':[{'url_path':{}}],'principals':[{'any':true}]        | permissions[0].url_path.path: is not set
            'permissions':[{'url_path':{'path':{'safe_regex':{'regex':'('}}}}],'principals':[{'any':true}] | permissions[0].url_path.path.safe_regex.regex: '(' is not a regular expression: missing closing )
            'permissions':[{'matcher':{'name':'m'}}],'principals':[{'any':true}] | permissions[0].matcher: permission matcher 'm' is not supported
            'permissions':[{'sourced_metadata':{'metadata_source':'ROUTE','metadata_matcher':{'filter':'f','path':[{'key':'k'}],'value':{'present_match':true}}}}],'principals':[{'any':true}] | permissions[0].sourced_metadata.metadata_source: only DYNAMIC is supported
            'permissions':[{'any':true}],'principals':[{'remote_ip':{'address_prefix':'x'}}] | principals[0].remote_ip.address_prefix: 'x' is not an IP address
            'permissions':[{'uri_template':{'name':'u','typed_config':{@<envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig>,'path_template':'/a/**/b'}}}],'principals':[{'any':true}] | permissions[0].uri_template.path_template: '/a/**/b' goes on after **
            """)
    void aPolicyIsRefused(String policy, String reason) {
        Parsed<Listener> parsed = httpFilter("{'name':'envoy.filters.http.rbac','typed_config':"
                + "{@<envoy.extensions.filters.http.rbac.v3.RBAC>,'rules':{'policies':{'p':{" + policy + "}}}}}");
        assertEquals(
                List.of("filter_chains[0].filters[0].typed_config.http_filters[0].typed_config.rules.policies[p]." + reason),
                parsed.reasons());
    }
}
