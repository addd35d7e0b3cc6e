package dev.outrider.xds.resource;

import dev.outrider.xds.proto.google.protobuf.Any;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Every resource of every captured scenario parses, but those that hold an extension which is not built and must not be skipped. */
class CapturedMeshTest {

    private static final String NOT = " is not supported";
    private static final String CONFIG_DISCOVERY = " by config_discovery" + NOT;
    private static final String HTTP = "envoy.extensions.filters.http.";
    private static final String WASM = "filter 'extensions.istio.io/trafficextension/default.wasm-auth~istio-translated-wasmplugin'"
            + CONFIG_DISCOVERY;
    private static final String LUA = "filter 'extensions.istio.io/trafficextension/default.lua-ext' (type " + HTTP + "lua.v3.Lua)" + NOT;
    private static final String LAB_LUA = "filter 'lab.lua' (type " + HTTP + "lua.v3.Lua)" + NOT;
    private static final String HEADER_MUTATION =
            "filter 'lab.header_mutation' (type " + HTTP + "header_mutation.v3.HeaderMutation)" + NOT;
    private static final String COMPRESSOR = "filter 'lab.compressor' (type " + HTTP + "compressor.v3.Compressor)" + NOT;
    private static final String LOCAL_RATE_LIMIT =
            "filter 'envoy.filters.http.local_ratelimit' (type " + HTTP + "local_ratelimit.v3.LocalRateLimit)" + NOT;
    private static final String EXT_AUTHZ = "filter 'envoy.filters.http.ext_authz' (type " + HTTP + "ext_authz.v3.ExtAuthz)" + NOT;
    private static final String JWT = "filter 'envoy.filters.http.jwt_authn' (type " + HTTP + "jwt_authn.v3.JwtAuthentication)" + NOT;
    private static final String TCP_EXT_AUTHZ =
            "filter 'envoy.filters.network.ext_authz' (type envoy.extensions.filters.network.ext_authz.v3.ExtAuthz)" + NOT;
    private static final String PROXY_PROTOCOL = "transport socket 'envoy.transport_sockets.upstream_proxy_protocol'"
            + " (type envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport)" + NOT;
    private static final String DYNAMIC_DNS = "cluster type 'envoy.clusters.dynamic_forward_proxy'"
            + " (type envoy.extensions.clusters.dynamic_forward_proxy.v3.ClusterConfig)" + NOT;
    private static final String GRPC_WEB = "filter 'envoy.filters.http.grpc_web' (type " + HTTP + "grpc_web.v3.GrpcWeb)" + NOT;
    private static final String SNI_DYNAMIC = "filter 'envoy.extensions.filters.network.sni_dynamic_forward_proxy'"
            + " (type envoy.extensions.filters.network.sni_dynamic_forward_proxy.v3.FilterConfig)" + NOT;

    /** The same for the state-of-the-world and the delta form. */
    private static final Map<String, Set<String>> EXPECTED = Map.of(
            "extensions/lds 0.0.0.0_7070", Set.of(WASM, LUA, LAB_LUA),
            "extensions/lds 0.0.0.0_8080", Set.of(WASM, LUA, LAB_LUA),
            "extensions/lds 0.0.0.0_9080", Set.of(WASM, LUA, LAB_LUA),
            "extensions/lds virtualInbound", Set.of(WASM, LUA, HEADER_MUTATION, COMPRESSOR, LOCAL_RATE_LIMIT),
            "security/lds virtualInbound", Set.of(EXT_AUTHZ, JWT, TCP_EXT_AUTHZ),
            "security-strict/lds virtualInbound", Set.of(EXT_AUTHZ, JWT),
            "resilience/cds outbound|8000||proxyproto.default.svc.cluster.local", Set.of(PROXY_PROTOCOL),
            "tcp-tls/cds outbound|443||*.dyn.example", Set.of(DYNAMIC_DNS),
            "tcp-tls/cds outbound|80||*.dyn.example", Set.of(DYNAMIC_DNS));

    private static final Map<String, Set<String>> EXPECTED_TCP_TLS = Map.of(
            "tcp-tls/lds 0.0.0.0_8082", Set.of(GRPC_WEB),
            "tcp-tls/lds 240.240.0.2_443", Set.of(SNI_DYNAMIC));

    static List<String> files() {
        return Captured.files().stream().filter(f -> !f.endsWith("ecds.pb")).toList();
    }

    @Test
    void thereIsSomethingToParse() {
        assertTrue(files().size() > 100);
    }

    @ParameterizedTest
    @MethodSource("files")
    void onlyWhatMustNotBeSkippedIsRefused(String file) {
        String group = file.replace("delta/", "").replace(".pb", "");
        Map<String, Set<String>> refused = new TreeMap<>();
        for (Any resource : Captured.resources(file)) {
            ParsedResource<?> parsed = Captured.parse(resource);
            assertEquals(parsed.accepted(), parsed.reasons().isEmpty());
            if (!parsed.accepted()) {
                Set<String> reasons = new TreeSet<>();
                parsed.reasons().forEach(r -> reasons.add(r.substring(r.indexOf(": ") + 2)));
                refused.put(group + " " + parsed.name(), reasons);
            }
        }
        Map<String, Set<String>> expected = new TreeMap<>();
        for (Map<String, Set<String>> part : List.of(EXPECTED, EXPECTED_TCP_TLS)) {
            part.forEach((name, reasons) -> {
                if (name.startsWith(group + " ")) {
                    expected.put(name, new TreeSet<>(reasons));
                }
            });
        }
        assertEquals(expected, refused);
    }

    @ParameterizedTest
    @MethodSource("files")
    void equalBytesGiveEqualValues(String file) {
        for (Any resource : Captured.resources(file)) {
            ParsedResource<?> first = Captured.parse(resource);
            ParsedResource<?> second = Captured.parse(Any.newBuilder(resource).build());
            assertEquals(first, second);
            assertEquals(first.hashCode(), second.hashCode());
        }
    }

    /** The churn stream changes weights in step 14: the value must differ where the bytes do. */
    @Test
    void changedBytesGiveADifferentValue() {
        Any before = named("churn/009-rds.pb", "9080");
        Any after = named("churn/014-rds.pb", "9080");
        assertNotEquals(before, after);
        assertNotEquals(Captured.parse(before), Captured.parse(after));
    }

    private static Any named(String file, String name) {
        return Captured.resources(file).stream()
                .filter(r -> Captured.parse(r).name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatOnlyObservesIsNamed() {
        Set<String> ignored = new TreeSet<>();
        for (String file : files()) {
            for (Any resource : Captured.resources(file)) {
                Captured.parse(resource).ignored().forEach(i -> ignored.add(i.name() + " " + i.typeUrl()));
            }
        }
        List<String> expected = new ArrayList<>(List.of(
                "envoy.access_loggers.http_grpc envoy.extensions.access_loggers.grpc.v3.HttpGrpcAccessLogConfig",
                "envoy.access_loggers.open_telemetry"
                        + " envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig",
                "envoy.filters.network.mongo_proxy envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy",
                "envoy.formatter.req_without_query envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery",
                "envoy.network.dns_resolver.cares envoy.extensions.network.dns_resolver.cares.v3.CaresDnsResolverConfig",
                "envoy.tcp_grpc_access_log envoy.extensions.access_loggers.grpc.v3.TcpGrpcAccessLogConfig",
                "envoy.tracers.opentelemetry envoy.config.trace.v3.OpenTelemetryConfig",
                "envoy.tracers.zipkin envoy.config.trace.v3.ZipkinConfig",
                "health_checks envoy.config.core.v3.HealthCheck"));
        assertEquals(expected, List.copyOf(ignored));
    }
}
