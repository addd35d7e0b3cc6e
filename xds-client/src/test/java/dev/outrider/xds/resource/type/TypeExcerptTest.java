package dev.outrider.xds.resource.type;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.outrider.xds.bootstrap.TreeText;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is read by an excerpt is what the whole API would read. */
class TypeExcerptTest {

    private static final String BOOTSTRAP = "envoy.config.bootstrap.v3.Bootstrap";
    private static final List<String> NAMED = List.of(
            "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", "envoy.extensions.filters.http.router.v3.Router",
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions", "google.protobuf.UInt32Value");

    private static ByteString byWholeTypes(String json) throws InvalidProtocolBufferException {
        JsonFormat.TypeRegistry.Builder types = JsonFormat.TypeRegistry.newBuilder();
        for (String name : NAMED) {
            types.add(Objects.requireNonNull(KnownTypes.find(name)));
        }
        DynamicMessage.Builder message = DynamicMessage.newBuilder(Objects.requireNonNull(KnownTypes.find(BOOTSTRAP)));
        JsonFormat.parser().usingTypeRegistry(types.build()).merge(json, message);
        return message.build().toByteString();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{}",
        "{'node': {'id': 'a', 'metadata': {'LABELS': {'app': 'x'}, 'LIST': [1, true, null]}, 'locality': {'subZone': 'z'}}}",
        "{'admin': {'address': {'socket_address': {'address': '::1', 'port_value': 1, 'ipv4_compat': true}}}, 'stats_flush_interval': '1.5s'}",
        "{'stats_config': {'use_all_default_tags': false, 'stats_matcher': {'inclusion_list': {'patterns': [{'prefix': 'a'}]}}}}",
        "{'layered_runtime': {'layers': [{'name': 'l', 'static_layer': {'a.b': {'numerator': 1}}}]}}",
        "{'dynamic_resources': {'ads_config': {'api_type': 'DELTA_GRPC', 'grpc_services': [{'envoy_grpc': {'cluster_name': 'x'}}]}, 'lds_config': {'ads': {}}}}",
        "{'static_resources': {'clusters': [{'name': 'c', 'type': 'EDS', 'lb_policy': 'MAGLEV', 'metadata': {'filter_metadata': {'m': {'k': 'v'}}},"
            + "'typed_extension_protocol_options': {'h': {'@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',"
            + "'explicit_http_config': {'http2_protocol_options': {'max_concurrent_streams': 7}}}}}]}}",
        "{'static_resources': {'listeners': [{'filter_chains': [{'filters': [{'typed_config': {"
            + "'@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager', 'codecType': 'HTTP2',"
            + "'route_config': {'virtual_hosts': [{'domains': ['*'], 'routes': [{'match': {'prefix': '/'}, 'direct_response': {'status': 200}}]}]},"
            + "'http_filters': [{'typed_config': {'@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router'}}]}}]}],"
            + "'additional_addresses': [{'address': {'pipe': {'path': '/x'}}}]}]}}"
    })
    void readsTheSame(String text) throws InvalidProtocolBufferException {
        String json = text.replace('\'', '"');
        assertEquals(byWholeTypes(json), TreeText.read(json, BOOTSTRAP, false));
    }

    @Test
    void refusesTheSame() {
        for (String text : List.of("{\"node\": {\"ids\": \"a\"}}", "{\"admin\": {\"address\": {\"pipe\": {\"path\": \"x\"}, \"socket_address\": {}}}}",
                "{\"node\": {\"id\": {}}}")) {
            assertThrows(InvalidProtocolBufferException.class, () -> byWholeTypes(text));
            assertThrows(InvalidProtocolBufferException.class, () -> TreeText.read(text, BOOTSTRAP, false));
        }
    }

    @Test
    void holdsNothingElse() {
        TypeExcerpt excerpt = KnownTypes.excerpt(Set.of("node", "id"));
        Descriptor bootstrap = Objects.requireNonNull(excerpt.find(BOOTSTRAP));
        assertEquals(List.of("node"), bootstrap.getFields().stream().map(f -> f.getName()).toList());
        assertTrue(bootstrap.getFile().getDependencies().size() < 3);
        assertEquals("StaticResources", Objects.requireNonNull(excerpt.find(BOOTSTRAP + ".StaticResources")).getName());
        assertNull(excerpt.find("envoy.config.bootstrap.v3.Nothing"));
    }
}
