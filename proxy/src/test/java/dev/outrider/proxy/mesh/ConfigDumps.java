package dev.outrider.proxy.mesh;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump;
import io.envoyproxy.envoy.admin.v3.ClustersConfigDump.DynamicCluster;
import io.envoyproxy.envoy.admin.v3.ConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump;
import io.envoyproxy.envoy.admin.v3.EndpointsConfigDump.DynamicEndpointConfig;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump;
import io.envoyproxy.envoy.admin.v3.ListenersConfigDump.DynamicListener;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump;
import io.envoyproxy.envoy.admin.v3.RoutesConfigDump.DynamicRouteConfig;
import io.envoyproxy.envoy.admin.v3.SecretsConfigDump;
import io.envoyproxy.envoy.admin.v3.UpdateFailureState;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

/** {@code /config_dump} read as strictly as protobuf's JSON reader can: no unknown field, no unknown type. */
final class ConfigDumps {

    private static final Pattern TYPE = Pattern.compile("\"@type\":\\s*\"type\\.googleapis\\.com/([^\"]+)\"");

    private final ConfigDump dump;

    private ConfigDumps(ConfigDump dump) {
        this.dump = dump;
    }

    static ConfigDumps fetch(SocketAddress admin) throws IOException, InterruptedException {
        return new ConfigDumps(parse(get(admin, "/config_dump?include_eds"), ConfigDump.newBuilder()).build());
    }

    static String get(SocketAddress admin, String path) throws IOException, InterruptedException {
        InetSocketAddress at = (InetSocketAddress) admin;
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(
                    URI.create("http://" + at.getAddress().getHostAddress() + ":" + at.getPort() + path)).build();
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertEquals(200, response.statusCode(), response.body());
            return response.body();
        }
    }

    private static <B extends Message.Builder> B parse(String json, B into) throws InvalidProtocolBufferException {
        JsonFormat.parser().usingTypeRegistry(types(json)).merge(json, into);
        return into;
    }

    private static JsonFormat.TypeRegistry types(String json) {
        JsonFormat.TypeRegistry.Builder registry = JsonFormat.TypeRegistry.newBuilder();
        Matcher matcher = TYPE.matcher(json);
        while (matcher.find()) {
            Message known = OfficialTypes.prototype(matcher.group(1));
            if (known != null) {
                registry.add(known.getDescriptorForType());
            }
        }
        return registry.build();
    }

    /**
     * The same message with the bytes of every Any in one canonical encoding, whichever library wrote it. Without fields that this
     * version of Envoy's API does not know: JSON has no form for them.
     */
    static Message canonical(Message message) {
        if (message instanceof Any any) {
            return canonical(any);
        }
        Message.Builder builder = message.toBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance());
        message.getAllFields().forEach((field, value) -> {
            if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
                return;
            }
            if (field.isRepeated()) {
                int at = 0;
                for (Object one : (List<?>) value) {
                    builder.setRepeatedField(field, at++, canonical((Message) one));
                }
            } else {
                builder.setField(field, canonical((Message) value));
            }
        });
        return builder.build();
    }

    private static Any canonical(Any any) {
        Message known = OfficialTypes.prototype(any.getTypeUrl().substring(any.getTypeUrl().indexOf('/') + 1));
        assertNotNull(known, any.getTypeUrl());
        try {
            Message inner = canonical(known.getParserForType().parseFrom(any.getValue()));
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CodedOutputStream out = CodedOutputStream.newInstance(bytes);
            out.useDeterministicSerialization();
            inner.writeTo(out);
            out.flush();
            return Any.newBuilder().setTypeUrl(any.getTypeUrl()).setValue(ByteString.copyFrom(bytes.toByteArray())).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private <M extends Message> M section(Class<M> type) {
        return dump.getConfigsList().stream().filter(any -> any.is(type)).map(any -> CapturedMesh.unpack(any, type)).findFirst().orElseThrow();
    }

    boolean warming() {
        return section(ClustersConfigDump.class).getDynamicWarmingClustersCount() > 0
                || section(ListenersConfigDump.class).getDynamicListenersList().stream().anyMatch(DynamicListener::hasWarmingState);
    }

    Map<String, Message> clusters() {
        return named(section(ClustersConfigDump.class).getDynamicActiveClustersList(), one -> one.hasCluster() ? one.getCluster() : null);
    }

    Map<String, Message> listeners() {
        return named(section(ListenersConfigDump.class).getDynamicListenersList(),
                one -> one.hasActiveState() ? one.getActiveState().getListener() : null);
    }

    Map<String, Message> routes() {
        return named(section(RoutesConfigDump.class).getDynamicRouteConfigsList(), DynamicRouteConfig::getRouteConfig);
    }

    Map<String, Message> endpoints() {
        return named(section(EndpointsConfigDump.class).getDynamicEndpointConfigsList(), DynamicEndpointConfig::getEndpointConfig);
    }

    SecretsConfigDump secrets() {
        return section(SecretsConfigDump.class);
    }

    /** Refused resources with no earlier version, and why. */
    Map<String, UpdateFailureState> refused() {
        Map<String, UpdateFailureState> all = new TreeMap<>();
        section(ClustersConfigDump.class).getDynamicActiveClustersList().stream()
                .filter(DynamicCluster::hasErrorState)
                .forEach(one -> all.put(MeshControlPlane.name(one.getErrorState().getFailedConfiguration()), one.getErrorState()));
        section(ListenersConfigDump.class).getDynamicListenersList().stream()
                .filter(DynamicListener::hasErrorState)
                .forEach(one -> all.put(one.getName(), one.getErrorState()));
        return all;
    }

    private static <E> Map<String, Message> named(List<E> entries, Function<E, @Nullable Any> resource) {
        Map<String, Message> all = new TreeMap<>();
        for (E entry : entries) {
            Any any = resource.apply(entry);
            if (any != null) {
                Message message = canonical(unpacked(any));
                assertNull(all.put(MeshControlPlane.name(any), message), () -> "twice: " + MeshControlPlane.name(any));
            }
        }
        return all;
    }

    static Map<String, Message> canonical(Map<String, ? extends Message> sent) {
        Map<String, Message> all = new TreeMap<>();
        sent.forEach((name, message) -> all.put(name, canonical(message)));
        return all;
    }

    static Message unpacked(Any any) {
        Message known = OfficialTypes.prototype(any.getTypeUrl().substring(any.getTypeUrl().indexOf('/') + 1));
        assertNotNull(known, any.getTypeUrl());
        try {
            return known.getParserForType().parseFrom(any.getValue());
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException(any.getTypeUrl(), e);
        }
    }
}
