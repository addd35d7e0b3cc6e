package dev.outrider.xds.resource;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Duration;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UInt64Value;
import com.google.protobuf.util.JsonFormat;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.resource.type.KnownTypes;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class AnyJsonTest {

    private static final Pattern TYPE = Pattern.compile("\"@type\":\"[^\"]*/([^\"]+)\"");

    private static String render(Any any) {
        return render(any.getTypeUrl(), any.getValue());
    }

    private static String render(Message message) {
        return render("type.googleapis.com/" + message.getDescriptorForType().getFullName(), message.toByteString());
    }

    private static String render(String typeUrl, ByteString value) {
        return AnyJson.render(typeUrl, value.toByteArray());
    }

    static List<String> files() {
        return Captured.files().stream().filter(f -> !f.contains("variants") && !f.startsWith("churn") && !f.endsWith("sds.pb")).toList();
    }

    /** The official JSON parser reads what is printed back into the message that was sent. */
    @ParameterizedTest
    @MethodSource("files")
    void theOfficialParserReadsItBack(String file) throws InvalidProtocolBufferException {
        for (Any resource : Captured.resources(file)) {
            String json = render(resource);
            JsonFormat.TypeRegistry.Builder types = JsonFormat.TypeRegistry.newBuilder();
            Matcher type = TYPE.matcher(json);
            while (type.find()) {
                types.add(OfficialTypes.find(type.group(1)));
            }
            com.google.protobuf.Any.Builder back = com.google.protobuf.Any.newBuilder();
            JsonFormat.parser().usingTypeRegistry(types.build()).merge(json, back);
            assertEquals(json, render(back.getTypeUrl(), back.getValue()));
            if (!file.startsWith("telemetry/")) {
                Descriptor sent = OfficialTypes.find(KnownTypes.shortType(resource.getTypeUrl()));
                assertEquals(
                        DynamicMessage.parseFrom(sent, resource.getValue()).toString().length(),
                        DynamicMessage.parseFrom(sent, back.getValue()).toString().length());
            }
        }
    }

    @Test
    void namesAreThoseOfTheProto() {
        Any virtualInbound = Captured.resources("bookinfo/lds.pb").stream()
                .filter(r -> r.getValue().toStringUtf8().contains("virtualInbound"))
                .findFirst()
                .orElseThrow();
        String json = render(virtualInbound);
        assertTrue(json.startsWith("{\"@type\":\"type.googleapis.com/envoy.config.listener.v3.Listener\",\"name\":\"virtualInbound\","
                + "\"address\":{\"socket_address\":{\"address\":\"0.0.0.0\",\"port_value\":15006}}"), json.substring(0, 300));
        assertTrue(json.contains("\"@type\":\"type.googleapis.com/stats.PluginConfig\",\"disable_host_header_fallback\":true"));
        assertTrue(json.contains("\"type_url\":\"type.googleapis.com/io.istio.http.peer_metadata.Config\",\"value\":{"));
        assertTrue(json.contains("\"require_client_certificate\":true"));
    }

    @Test
    void privateKeysAreRedactedAsEnvoyDoes() {
        Secret secret = Secret.newBuilder()
                .setName("default")
                .setTlsCertificate(TlsCertificate.newBuilder()
                        .setCertificateChain(DataSource.newBuilder().setInlineString("CHAIN"))
                        .setPrivateKey(DataSource.newBuilder().setInlineBytes(ByteString.copyFromUtf8("KEY")))
                        .setPassword(DataSource.newBuilder().setInlineString("hunter2")))
                .build();
        assertEquals(
                "{\"@type\":\"type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret\",\"name\":\"default\","
                        + "\"tls_certificate\":{\"certificate_chain\":{\"inline_string\":\"CHAIN\"},"
                        + "\"private_key\":{\"inline_bytes\":\"W3JlZGFjdGVkXQ==\"},\"password\":{\"inline_string\":\"[redacted]\"}}}",
                render(secret));
    }

    @Test
    void nothingOfACapturedKeyShows() {
        for (Any resource : Captured.resources("tcp-tls/sds.pb")) {
            assertFalse(render(resource).contains("UFJJVkFURSBLRVk"), "base64 of 'PRIVATE KEY'");
        }
        Any broken = Any.newBuilder()
                .setTypeUrl("type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret")
                .setValue(ByteString.copyFromUtf8("KEY"))
                .build();
        assertTrue(render(broken).endsWith("\"value\":\"W3JlZGFjdGVkXQ==\"}"));
    }

    @Test
    void whatIsNotKnownComesAsBase64() {
        Any unknown = Any.newBuilder().setTypeUrl("type.googleapis.com/no.Such").setValue(ByteString.copyFromUtf8("abc")).build();
        assertEquals("{\"@type\":\"type.googleapis.com/no.Such\",\"value\":\"YWJj\"}", render(unknown));
        assertEquals("{}", render(Any.getDefaultInstance()));
        assertTrue(render("type.googleapis.com/" + "a.".repeat(100_000), ByteString.copyFromUtf8("abc")).endsWith("\"value\":\"YWJj\"}"));
    }

    @Test
    void wellKnownTypesHaveTheirOwnForms() {
        assertEquals(
                "{\"@type\":\"type.googleapis.com/google.protobuf.Duration\",\"value\":\"1.250s\"}",
                render(Duration.newBuilder().setSeconds(1).setNanos(250_000_000).build()));
        assertTrue(render(UInt64Value.of(-1)).endsWith(",\"value\":\"18446744073709551615\"}"));
    }

    /** Each Any restarts the decoder's count of depth: the printer has its own. */
    @Test
    void nestedAnysEnd() {
        Message nested = UInt64Value.of(1);
        for (int i = 0; i < 3000; i++) {
            nested = com.google.protobuf.Any.pack(nested);
        }
        assertTrue(render(nested).length() > 1000);
    }
}
