package dev.outrider.proxy.mesh;

import com.google.protobuf.Any;
import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.explain.Surroundings.MachineRules;
import dev.outrider.proxy.intercept.plan.HostFacts;
import dev.outrider.proxy.intercept.plan.InterceptionOptions;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Requests followed through a sidecar that serves what a real istiod sent, on a machine whose rules are known. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExplainServedTest {

    private static final InetAddress MACHINE = InetAddress.ofLiteral("192.168.77.10");
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** A sidecar for each captured state, started when first asked. */
    private final Map<String, Served> meshes = new HashMap<>();

    private record Served(MeshControlPlane controlPlane, Sidecar sidecar) {}

    private record Answer(int status, String body) {}

    @AfterAll
    void end() throws Exception {
        for (Served served : meshes.values()) {
            served.sidecar.close();
            served.controlPlane.close();
        }
    }

    private Sidecar sidecar(String scenario) throws Exception {
        Served known = meshes.get(scenario);
        if (known == null) {
            known = serve(mesh(scenario));
            meshes.put(scenario, known);
        }
        return known.sidecar;
    }

    private static CapturedMesh mesh(String scenario) {
        if (scenario.equals("strict")) {
            // Bookinfo under PeerAuthentication STRICT: another virtualInbound.
            return CapturedMesh.of(type -> resources(type.equals("lds")
                    ? Path.of("src", "test", "resources", "mesh", "bookinfo-strict", "lds.pb") : CapturedMesh.FOLDER.resolve("bookinfo").resolve(type + ".pb")));
        }
        CapturedMesh mesh = CapturedMesh.scenario(scenario.equals("no-endpoints") ? "bookinfo" : scenario);
        if (scenario.equals("no-endpoints")) {
            mesh.endpoints().replaceAll((name, assignment) -> ClusterLoadAssignment.newBuilder().setClusterName(name).build());
        }
        return mesh;
    }

    private static List<Any> resources(Path file) {
        try {
            return Files.exists(file) ? DiscoveryResponse.parseFrom(Files.readAllBytes(file)).getResourcesList() : List.of();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Served serve(CapturedMesh mesh) throws Exception {
        MeshControlPlane controlPlane = new MeshControlPlane(mesh.names());
        controlPlane.publish(mesh.snapshot("1"));
        Sidecar sidecar = Sidecar.start(SidecarConfig.of(MeshBootstrap.ads("DELTA_GRPC", controlPlane.port()))
                .withDns(DnsSettings.defaults().withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)))
                .withLocal(new SidecarConfig.Local(null, ExplainServedTest::rules, null, null, null, null, List.of())));
        assertTrue(sidecar.awaitReady(LIMIT), () -> sidecar.unreadyReasons().toString());
        return new Served(controlPlane, sidecar);
    }

    private static MachineRules rules() {
        Map<String, String> settings = Map.of("ISTIO_SERVICE_CIDR", "10.96.0.0/12,10.44.0.0/16,240.240.0.0/16", "ISTIO_INBOUND_PORTS", "8080,3306");
        try {
            InterceptionPlan plan = InterceptionOptions.plan(settings, new HostFacts(List.of(MACHINE), List.of(), 1337, 1337, null));
            return new MachineRules(plan, List.of(MACHINE), "nft", true);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Answer ask(Sidecar sidecar, String method, String path) throws Exception {
        InetSocketAddress at = (InetSocketAddress) sidecar.adminAddress();
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + at.getPort() + path)).method(method, HttpRequest.BodyPublishers.noBody()).build(),
                    HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        }
    }

    /** {@code lines} are parts of lines that must be there, in this order. */
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(delimiter = '|', value = {
        // HTTP: name, rules, wildcard listener, virtual host, identity.
        "bookinfo | host=productpage.default.svc.cluster.local&port=9080&uid=1000&gid=1000&user=alice | 200 | productpage.default.svc.cluster.local:9080 for alice;"
            + "is 10.96.0.11 (table, entry productpage.default.svc.cluster.local of Kubernetes);connections of alice (uid 1000) are taken to port 15001;"
            + "rule: outbound; installed by nft, guarded;0.0.0.0_9080: the wildcard of port 9080;handed over by virtualOutbound;offering http/1.1;"
            + "table 9080, virtual host productpage.default.svc.cluster.local:9080;outbound|9080||productpage.default.svc.cluster.local;"
            + "healthy, eu-west/eu-west-a;expects spiffe://cluster.local/ns/default/sa/bookinfo-productpage;It would work.",
        // The same for the sidecar's own user: excluded, and named.
        "bookinfo | host=productpage.default.svc.cluster.local&port=9080&uid=1337&gid=1337&user=istio-proxy | 503 |"
            + "ERROR interception  istio-proxy (uid 1337) is excluded;what follows is what would happen if it were taken;ok    endpoint;It would not work.",
        "bookinfo | host=productpage&port=9080&uid=1000 | 200 | productpage is 10.96.0.11",
        "bookinfo | host=nosuch.default.svc.cluster.local | 503 | ERROR name;NXDOMAIN;It would not work.",
        "bookinfo | host=203.0.113.9&port=80 | 503 | it goes direct, not through the mesh: no rule captures 203.0.113.9 port 80;ISTIO_SERVICE_CIDR",
        "bookinfo | host=productpage.default.svc.cluster.local&port=9080&path=/a b | 400 | path:",
        "bookinfo | host=a/b | 400 | is no name or address",
        "bookinfo | host=a&port=99999 | 400 | port: '99999' is not a number from 1 to 65535",
        // TCP at the service's own address.
        "bookinfo | host=mysqldb.default.svc.cluster.local&port=3306 | 200 | 10.96.0.16_3306: the exact address;istio stats, TCP;outbound|3306||mysqldb.default.svc.cluster.local",
        // Headless: the pod's address is the destination.
        "bookinfo | host=cache.shop.svc.cluster.local | 200 | cache.shop.svc.cluster.local:6379;also 10.44.0.16;10.44.0.15_6379: the exact address;original dst;10.44.0.15:6379 healthy",
        // Nothing listens there: ALLOW_ANY.
        "bookinfo | host=10.96.99.99&port=443 | 200 | virtualOutbound;no listener has 10.96.99.99:443;note  cluster       PassthroughCluster: the mesh does not know",
        // REGISTRY_ONLY, TCP and HTTP.
        "sidecar-scoped | host=10.96.99.99&port=443 | 503 | BlackHoleCluster;ERROR endpoint      the cluster has none: 503 (UH);REGISTRY_ONLY",
        "no-endpoints | host=productpage.default.svc.cluster.local&port=9080 | 503 | ERROR endpoint      the cluster has none: 503 (UH);no workload stands behind this service",
        // TLS that is not ended here, by its server name; the name does not resolve here.
        "tcp-tls | host=www.partner.example | 503 | www.partner.example:443;for TLS to www.partner.example;matches server name www.partner.example;TCP;"
            + "cluster       outbound|443||www.partner.example;www.partner.example:443; 'outrider dns query'",
        "tcp-tls | host=www.partner.example&port=443&wire=plaintext | 503 | PassthroughFilterChain: the default, as no other fits plaintext;an address that Istio made up;--tls and --plaintext",
        // ServiceEntry.
        "tcp-tls | host=db2.auto.example | 200 | table, entry db2.auto.example of External;240.240.0.8_3306: the exact address;192.0.2.41:3306 healthy;plaintext: no identity",
        // Weights.
        "tcp-tls | host=tcpsplit.data.svc.cluster.local&port=4000 | 200 | outbound|4000|v1|tcpsplit.data.svc.cluster.local for 60 %;10.44.0.22:4000;"
            + "outbound|4000|v2|tcpsplit.data.svc.cluster.local for 40 %;10.44.0.23:4000",
        // Sent and refused.
        "tcp-tls | host=a.dyn.example&port=80 | 503 | found by wildcard;outbound|80||*.dyn.example does not exist: 503 (NC);it was refused: cluster_type",
        // Inbound.
        "bookinfo | inbound=8080 | 200 | by mutual TLS;connections to port 8080 are taken to port 15006;ends TLS, and requires a certificate;table inbound|8080||;"
            + "192.168.77.10:8080 healthy;anybody, in plaintext;matches port 8080; transport raw_buffer;It would work.",
        "bookinfo | inbound=3306 | 200 | istio stats, TCP;cluster       inbound|3306||",
        "strict | inbound=8080 | 200 | by mutual TLS;ends TLS, and requires a certificate;anybody, in plaintext: would not work;ERROR chain;PeerAuthentication STRICT;It would work.",
        "bookinfo | inbound=9999 | 503 | callers reach the application itself, not the sidecar;name the port in interception.inboundPorts",
        "bookinfo | inbound=0 | 400 | inbound: '0' is not a number",
    })
    void follows(String scenario, String question, int status, String lines) throws Exception {
        Answer answer = ask(sidecar(scenario), "GET", "/explain?" + question.replace(" ", "%20"));
        assertEquals(status, answer.status(), answer.body());
        int at = 0;
        for (String line : lines.split(";", -1)) {
            int found = answer.body().indexOf(line.strip(), at);
            assertTrue(found >= 0, "no '" + line.strip() + "' behind the parts before it, in:\n" + answer.body());
            at = found + line.strip().length();
        }
    }

    @Test
    void dialsByPostAlone() throws Exception {
        Sidecar sidecar = sidecar("bookinfo");
        assertEquals(405, ask(sidecar, "GET", "/explain?host=10.96.99.99&port=443&dial").status());
    }

    @Test
    void tellsScriptsTheSame() throws Exception {
        String json = ask(sidecar("bookinfo"), "GET", "/explain?host=productpage.default.svc.cluster.local&port=9080&format=json").body();
        assertTrue(json.contains("\"works\": true"), json);
        for (String stage : List.of("name", "interception", "listener", "chain", "filters", "route", "cluster", "endpoint")) {
            assertTrue(json.contains("\"stage\": \"" + stage + "\""), stage + " in " + json);
        }
    }

    @Test
    void statusIsOneScreen() throws Exception {
        Answer text = ask(sidecar("bookinfo"), "GET", "/status");
        assertEquals(200, text.status(), text.body());
        for (String line : List.of("state          ready (LIVE)", "identity       spiffe://cluster.local/ns/default/sa/vmapp, until ", ", connected for ", "last refusal   none",
                "interception   applied by nft (REDIRECT), guarded", "DNS            answers the mesh's names")) {
            assertTrue(text.body().contains(line), line + " in:\n" + text.body());
        }
        assertTrue(text.body().lines().count() <= 24, text.body());
        String json = ask(sidecar("tcp-tls"), "GET", "/status?format=json").body();
        for (String part : List.of("\"ready\": true", "\"spiffe_id\": \"spiffe://cluster.local/ns/default/sa/vmapp\"", "\"connected_since\": \"20", "\"last_push\": \"20",
                "\"[LISTENER, 0.0.0.0_8082] ", "\"listeners\": 32", "\"connect_failures\": 0", "\"waiting: CLUSTER/outbound|80||cred.tls.example")) {
            assertTrue(json.contains(part), part + " in:\n" + json);
        }
    }
}
