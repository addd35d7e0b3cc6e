package dev.outrider.xds.resource;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.CircuitBreakers.Threshold;
import dev.outrider.xds.model.Cluster.HttpProtocolOptions.Protocol;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import dev.outrider.xds.resource.part.FileSource;
import dev.outrider.xds.resource.part.Ignored;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ClusterParserTest {

    private static final long SECOND = 1_000_000_000L;

    private static Parsed<Cluster> parse(String json) {
        return parse(json, FileSource.SYSTEM);
    }

    private static Parsed<Cluster> parse(String json, FileSource files) {
        return ClusterParser.parse(Json.read(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster.getDefaultInstance(), json), files);
    }

    @Test
    void defaultsOfACluster() {
        Cluster cluster = parse("{'name':'c'}").get();
        Threshold threshold = new Threshold(1024, 1024, 1024, 3, -1, 3);
        assertEquals(Cluster.Discovery.STATIC, cluster.discovery());
        assertEquals(Cluster.LbPolicy.ROUND_ROBIN, cluster.lbPolicy());
        assertEquals(5 * SECOND, cluster.connectTimeoutNanos());
        assertEquals(new Cluster.CircuitBreakers(threshold, threshold), cluster.circuitBreakers());
        assertEquals(new Cluster.LbConfig(50, false, 2, 1.0, 1024, 8 << 20, 65_537, 0, 1.0, 10), cluster.lbConfig());
        assertEquals(
                new Cluster.HttpProtocolOptions(
                        Protocol.HTTP1, 3600 * SECOND, 0, 0, 0, 1024, 16 << 20, 24 << 20, false, false, false, false, 0, 0),
                cluster.http());
        assertEquals(new Cluster.Dns(5 * SECOND, false, Cluster.Dns.Family.AUTO, 0), cluster.dns());
        assertEquals(1 << 20, cluster.bufferLimitBytes());
        assertEquals(5 * SECOND, cluster.cleanupIntervalNanos());
        assertEquals(Metadata.EMPTY, cluster.metadata());
        assertEquals("c", cluster.statName());
    }

    @Test
    void defaultsOfOutlierDetection() {
        assertEquals(
                new Cluster.OutlierDetection(10 * SECOND, 30 * SECOND, 300 * SECOND, 10, 5, 100, 5, 0, false, 5, 100),
                parse("{'name':'c','outlier_detection':{}}").get().outlierDetection());
        assertEquals(
                400 * SECOND,
                Objects.requireNonNull(parse("{'name':'c','outlier_detection':{'base_ejection_time':'400s'}}").get().outlierDetection())
                        .maxEjectionNanos());
    }

    @Test
    void aRetryBudgetReplacesTheCount() {
        var defaults = parse("{'name':'c','circuit_breakers':{'thresholds':[{'retry_budget':{}}]}}").get().circuitBreakers().defaults();
        assertEquals(20, defaults.retryBudgetPercent());
        assertEquals(3, defaults.minRetryConcurrency());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            'http2_protocol_options':{}                           | HTTP2
            'protocol_selection':'USE_DOWNSTREAM_PROTOCOL'        | DOWNSTREAM
            'typed_extension_protocol_options':{'envoy.extensions.upstreams.http.v3.HttpProtocolOptions':{@<envoy.extensions.upstreams.http.v3.HttpProtocolOptions>,'explicit_http_config':{'http2_protocol_options':{}}}} | HTTP2
            'typed_extension_protocol_options':{'envoy.extensions.upstreams.http.v3.HttpProtocolOptions':{@<envoy.extensions.upstreams.http.v3.HttpProtocolOptions>,'auto_config':{}}} | AUTO
            """)
    void protocols(String fields, Protocol protocol) {
        assertEquals(protocol, parse("{'name':'c'," + fields + "}").get().http().protocol());
    }

    @Test
    void namesAreAddressesOfDnsClustersOnly() {
        String assignment = "'load_assignment':{'cluster_name':'c','endpoints':[{'lb_endpoints':[{'endpoint':{'address':"
                + "{'socket_address':{'address':'a.example','port_value':80}}}}]}]}";
        var group = Objects.requireNonNull(parse("{'name':'c','type':'STRICT_DNS'," + assignment + "}").get().loadAssignment())
                .groups().get(0);
        assertEquals(new Address.Named("a.example", 80), group.endpoints().get(0).address());
        assertEquals(1, group.endpoints().get(0).weight());
        assertEquals(
                List.of("load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address:"
                        + " 'a.example' is not an IP address"),
                parse("{'name':'c'," + assignment + "}").reasons());
    }

    @Test
    void bindAddressesAndKeepalive() {
        Cluster cluster = parse("{'name':'c','upstream_bind_config':{'source_address':{'address':'127.0.0.6','port_value':0},"
                + "'extra_source_addresses':[{'address':{'address':'::6','port_value':0}}]},"
                + "'upstream_connection_options':{'tcp_keepalive':{'keepalive_probes':3}}}").get();
        assertEquals(
                new Cluster.BindConfig(
                        new Address.Ip(Cidr.ipLiteral("127.0.0.6"), 0), List.of(new Address.Ip(Cidr.ipLiteral("::6"), 0))),
                cluster.bind());
        assertEquals(new Cluster.TcpKeepalive(3, 0, 0), cluster.keepalive());
    }

    @Test
    void healthChecksAreIgnoredByName() {
        assertEquals(
                List.of(new Ignored("health_checks", "envoy.config.core.v3.HealthCheck")),
                parse("{'name':'c','health_checks':[{}]}").ignored());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            'name':''                                             | name: is empty
            'name':'c','type':9                                   | type: unknown value 9
            'name':'c','lb_policy':9                              | lb_policy: unknown value 9
            'name':'c','lb_policy':'LOAD_BALANCING_POLICY_CONFIG' | lb_policy: LOAD_BALANCING_POLICY_CONFIG needs load_balancing_policy
            'name':'c','load_balancing_policy':{}                 | load_balancing_policy: none of its policies is supported
            'name':'c','type':'EDS'                               | eds_cluster_config: is needed by an EDS cluster
            'name':'c','eds_cluster_config':{}                    | eds_cluster_config: is set in a cluster that is not of type EDS
            'name':'c','type':'LOGICAL_DNS'                       | load_assignment: LOGICAL_DNS needs exactly one endpoint
            'name':'c','type':'ORIGINAL_DST'                      | lb_policy: ROUND_ROBIN does not go with a cluster of type ORIGINAL_DST
            'name':'c','lb_policy':'CLUSTER_PROVIDED'             | lb_policy: CLUSTER_PROVIDED does not go with a cluster of type STATIC
            'name':'c','connect_timeout':'0s'                     | connect_timeout: duration must be greater than 0
            'name':'c','cluster_type':{'name':'x'}                | cluster_type: cluster type 'x' is not supported
            'name':'c','lb_subset_config':{'subset_selectors':[{'keys':['k']}]} | lb_subset_config: is not supported
            'name':'c','lb_policy':'MAGLEV','maglev_lb_config':{'table_size':'10'}     | maglev_lb_config.table_size: value 10 is not a prime number
            'name':'c','ring_hash_lb_config':{'minimum_ring_size':'9000000'} | ring_hash_lb_config.minimum_ring_size: value 9000000 is outside 0..8388608
            'name':'c','lb_policy':'RING_HASH','ring_hash_lb_config':{'minimum_ring_size':'10','maximum_ring_size':'5'} | ring_hash_lb_config: minimum_ring_size 10 is larger than maximum_ring_size 5
            'name':'c','least_request_lb_config':{'choice_count':1} | least_request_lb_config.choice_count: value 1 is outside 2..2147483647
            'name':'c','common_lb_config':{'healthy_panic_threshold':{'value':-1}} | common_lb_config.healthy_panic_threshold: value -1.0 is outside 0..100
            'name':'c','outlier_detection':{'interval':'0s'}      | outlier_detection.interval: duration must be greater than 0
            'name':'c','outlier_detection':{'max_ejection_percent':101} | outlier_detection.max_ejection_percent: value 101 is outside 0..100
            'name':'c','circuit_breakers':{'thresholds':[{'priority':7}]} | circuit_breakers.thresholds[0].priority: unknown value 7
            'name':'c','dns_lookup_family':8                      | dns_lookup_family: unknown value 8
            'name':'c','filters':[{'name':'x'}]                   | filters[0]: filter 'x' is not supported
            'name':'c','transport_socket':{'name':'x'}            | transport_socket: transport socket 'x' is not supported
            'name':'c','transport_socket_matches':[{'name':''}]   | transport_socket_matches[0].name: is empty
            'name':'c','transport_socket':{'name':'envoy.transport_sockets.tls','typed_config':{@<envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext>}} | transport_socket: transport socket 'envoy.transport_sockets.tls' (type envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext) is not supported
            'name':'c','transport_socket':{'name':'t','typed_config':{@<envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext>,'common_tls_context':{'tls_params':{'tls_minimum_protocol_version':'TLSv1_0'}}}} | transport_socket.typed_config.common_tls_context.tls_params.tls_minimum_protocol_version: TLSv1_0 is not supported, TLSv1_2 is the oldest version
            'name':'c','transport_socket':{'name':'t','typed_config':{@<envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext>,'common_tls_context':{'validation_context':{'trusted_ca':{'inline_string':'x'}}}}} | transport_socket.typed_config.common_tls_context.validation_context.trusted_ca: holds no PEM
            'name':'c','typed_extension_protocol_options':{'x':{@<envoy.extensions.upstreams.http.v3.HttpProtocolOptions>}} | typed_extension_protocol_options[x]: one of explicit_http_config, use_downstream_protocol_config and auto_config is needed
            'name':'c','upstream_bind_config':{'source_address':{'address':'x'}} | upstream_bind_config.source_address.address: 'x' is not an IP address
            """)
    void aClusterIsRefused(String fields, String reason) {
        assertEquals(List.of(reason), parse("{" + fields + "}").reasons());
    }

    @Test
    void certificatesAreReadFromFilesAndEnvironment() {
        FileSource files = new FileSource() {
            @Override
            public Bytes read(String path) throws IOException {
                return Bytes.utf8("-----BEGIN " + path);
            }

            @Override
            public @Nullable String environment(String name) {
                return name.equals("KEY") ? "-----BEGIN KEY" : null;
            }
        };
        String tls = "{'name':'c','transport_socket':{'name':'t','typed_config':"
                + "{@<envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext>,'sni':'s','common_tls_context':{"
                + "'tls_certificates':[{'certificate_chain':{'filename':'/c.pem'},'private_key':{'environment_variable':'%s'}}]}}}}";
        var socket = (TransportSocket.UpstreamTls) parse(tls.formatted("KEY"), files).get().transportSocket();
        assertEquals(
                List.of(new Secret.Certificate(Bytes.utf8("-----BEGIN /c.pem"), Bytes.utf8("-----BEGIN KEY"), "/c.pem", null)),
                socket.common().certificates());
        assertEquals("TLSv1.2", socket.common().minVersion());
        assertEquals(
                "transport_socket.typed_config.common_tls_context.tls_certificates[0].private_key.environment_variable:"
                        + " 'NONE' is not set",
                parse(tls.formatted("NONE"), files).reasons().get(0));
    }

    @Test
    void transportSocketMatchesCompareText() {
        Cluster cluster = parse("{'name':'c','transport_socket_matches':[{'name':'m','match':{'a':'x','n':1,'b':true}}]}").get();
        assertTrue(cluster.transportSocketMatches().get(0).match().containsKey("n"));
        assertEquals(Map.of("a", "x", "n", "1.0", "b", "true"), cluster.transportSocketMatches().get(0).match());
    }
}
