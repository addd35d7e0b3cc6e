package dev.outrider.proxy.mesh;

import com.google.protobuf.Message;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.xds.ads.ResourceType;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/**
 * What a real istiod sent, served by a real ADS server to a whole sidecar, in both protocols: all of it is taken but what holds an
 * extension that must not be skipped, and {@code /config_dump} shows it as it was sent.
 */
class CapturedMeshServedTest {

    /** The only resources that are refused, by type and name; CapturedMeshTest of the parser has the reasons. */
    private static final Map<String, Set<String>> REFUSED = Map.of(
            "extensions", Set.of("LISTENER, 0.0.0.0_7070", "LISTENER, 0.0.0.0_8080", "LISTENER, 0.0.0.0_9080", "LISTENER, virtualInbound"),
            "security", Set.of("LISTENER, virtualInbound"),
            "security-strict", Set.of("LISTENER, virtualInbound"),
            "resilience", Set.of("CLUSTER, outbound|8000||proxyproto.default.svc.cluster.local"),
            "tcp-tls", Set.of(
                    "CLUSTER, outbound|443||*.dyn.example", "CLUSTER, outbound|80||*.dyn.example", "LISTENER, 0.0.0.0_8082",
                    "LISTENER, 240.240.0.2_443"));

    static Stream<Arguments> captures() {
        List<Arguments> all = new ArrayList<>();
        for (String api : List.of("DELTA_GRPC", "GRPC")) {
            CapturedMesh.SCENARIOS.forEach(name -> all.add(Arguments.of(name, "whole", api)));
            CapturedMesh.SCENARIOS.forEach(name -> all.add(Arguments.of(name, "delta", api)));
            CapturedMesh.VARIANTS.forEach(name -> all.add(Arguments.of(name, "variant", api)));
        }
        return all.stream();
    }

    @ParameterizedTest(name = "{0} ({1}) over {2}")
    @MethodSource("captures")
    void isTakenAndShownAsSent(String name, String form, String api) throws Exception {
        CapturedMesh mesh = switch (form) {
            case "whole" -> CapturedMesh.scenario(name);
            case "delta" -> CapturedMesh.delta(name);
            default -> CapturedMesh.variant(name);
        };
        if (api.equals("GRPC")) {
            // The library answers only when it has every secret that was asked for; client-cred-cacert was not captured.
            mesh.secrets().clear();
        }
        Set<String> refused = REFUSED.getOrDefault(name, Set.of());
        try (MeshControlPlane controlPlane = new MeshControlPlane(mesh.names())) {
            controlPlane.publish(mesh.snapshot("1"));
            try (Sidecar sidecar = Sidecar.start(SidecarConfig.of(MeshBootstrap.ads(api, controlPlane.port())))) {
                controlPlane.awaitAnswered(expected(mesh, refused));
                assertEquals(refused, controlPlane.refusals().stream().map(CapturedMeshServedTest::subject).collect(Collectors.toSet()));
                assertEquals(!refused.contains("LISTENER, virtualInbound"), sidecar.awaitReady(
                        refused.contains("LISTENER, virtualInbound") ? Duration.ZERO : Duration.ofSeconds(20)),
                        () -> sidecar.unreadyReasons().toString());
                assertEquals(without(mesh.listeners(), ofType(refused, "LISTENER")).keySet(), sidecar.listenerAddresses().keySet());
                shown(mesh, refused, ConfigDumps.fetch(sidecar.adminAddress()));
            }
        }
    }

    /** {@code [LISTENER, name] reason} without the reason. */
    private static String subject(String line) {
        return line.substring(1, line.indexOf(']'));
    }

    private static Set<String> ofType(Set<String> refused, String type) {
        return refused.stream().filter(r -> r.startsWith(type + ", ")).map(r -> r.substring(type.length() + 2)).collect(Collectors.toSet());
    }

    private static Map<String, Set<String>> expected(CapturedMesh mesh, Set<String> refused) {
        Map<String, Set<String>> names = new HashMap<>();
        names.put(ResourceType.CLUSTER.typeUrl(), mesh.clusters().keySet());
        names.put(ResourceType.LISTENER.typeUrl(), mesh.listeners().keySet());
        names.put(ResourceType.ENDPOINTS.typeUrl(), mesh.endpointNames(ofType(refused, "CLUSTER")));
        names.put(ResourceType.ROUTES.typeUrl(), mesh.routeNames(ofType(refused, "LISTENER")));
        names.put(ResourceType.SECRET.typeUrl(), mesh.secrets().keySet());
        return names;
    }

    private static void shown(CapturedMesh mesh, Set<String> refused, ConfigDumps dump) {
        assertFalse(dump.warming());
        assertSame(without(mesh.clusters(), ofType(refused, "CLUSTER")), dump.clusters());
        assertSame(without(mesh.listeners(), ofType(refused, "LISTENER")), dump.listeners());
        assertSame(only(mesh.routes(), mesh.routeNames(ofType(refused, "LISTENER"))), dump.routes());
        assertSame(only(mesh.endpoints(), mesh.endpointNames(ofType(refused, "CLUSTER"))), dump.endpoints());
        Map<String, Message> failed = new TreeMap<>();
        dump.refused().forEach((name, error) -> {
            assertFalse(error.getDetails().isEmpty(), name);
            failed.put(name, ConfigDumps.canonical(ConfigDumps.unpacked(error.getFailedConfiguration())));
        });
        Map<String, Message> sent = only(mesh.clusters(), ofType(refused, "CLUSTER"));
        sent.putAll(only(mesh.listeners(), ofType(refused, "LISTENER")));
        assertSame(sent, failed);
        redacted(mesh, dump);
    }

    /** Name by name, so that a failure is readable. */
    private static void assertSame(Map<String, Message> sent, Map<String, Message> shown) {
        assertEquals(sent.keySet(), shown.keySet());
        sent.forEach((name, message) -> assertEquals(message, shown.get(name), name));
    }

    private static void redacted(CapturedMesh mesh, ConfigDumps dump) {
        Set<String> names = new TreeSet<>(Set.of("default", "ROOTCA"));
        names.addAll(mesh.secrets().keySet());
        Set<String> shown = new TreeSet<>();
        List<Secret> secrets = new ArrayList<>();
        dump.secrets().getStaticSecretsList().forEach(s -> secrets.add(CapturedMesh.unpack(s.getSecret(), Secret.class)));
        dump.secrets().getDynamicActiveSecretsList().forEach(s -> secrets.add(CapturedMesh.unpack(s.getSecret(), Secret.class)));
        for (Secret secret : secrets) {
            shown.add(secret.getName());
            if (secret.hasTlsCertificate()) {
                assertTrue(secret.getTlsCertificate().getPrivateKey().getInlineBytes().toStringUtf8().equals("[redacted]")
                        || secret.getTlsCertificate().getPrivateKey().getInlineString().equals("[redacted]"), secret.toString());
            }
        }
        assertEquals(names, shown);
    }

    private static Map<String, Message> without(Map<String, ? extends Message> all, Set<String> names) {
        Map<String, Message> some = ConfigDumps.canonical(all);
        some.keySet().removeAll(names);
        return some;
    }

    private static Map<String, Message> only(Map<String, ? extends Message> all, Set<String> names) {
        Map<String, Message> some = ConfigDumps.canonical(all);
        some.keySet().retainAll(names);
        return some;
    }
}
