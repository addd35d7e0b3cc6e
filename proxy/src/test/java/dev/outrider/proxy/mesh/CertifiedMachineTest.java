package dev.outrider.proxy.mesh;

import com.google.protobuf.util.JsonFormat;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.app.sidecar.identity.Identities;
import dev.outrider.proxy.identity.KeyPairFiles;
import dev.outrider.proxy.identity.Pem;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.proxy.identity.ca.TestCa;
import dev.outrider.proxy.machine.MachineBootstrap;
import dev.outrider.proxy.machine.MachineConfig;
import dev.outrider.proxy.machine.MachineIdentity;
import dev.outrider.proxy.machine.PortIdentity;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A whole sidecar from the operator's files: its certificate from a real CA, its configuration over mutual TLS with that certificate, clients that look at it. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class CertifiedMachineTest {

    private static final String ID = "spiffe://cluster.local/ns/vm/sa/vmapp";
    /** No connection that leaves this process has it, so that ports stay free between two binds. */
    private static final InetAddress HERE = InetAddress.ofLiteral("127.77.0.1");
    private static final String PAYMENTS = "spiffe://cluster.local/ns/vm/sa/payments";
    private static final String NAME = "istiod.istio-system.svc";
    private static final int REQUESTS = 1_000;

    private final TestCertificates authority = new TestCertificates();
    private final TestCa ca = new TestCa(authority, ID, NAME);
    private final SSLContext client = authority.jdkContext(authority.leaf("spiffe://cluster.local/ns/default/sa/sleep"));

    @TempDir
    private Path root;
    private MeshControlPlane control;
    private Sidecar sidecar;
    private int payments;
    private int ledger;

    @BeforeEach
    void controlPlane() throws Exception {
        try (ServerSocket one = new ServerSocket(0, 1, HERE); ServerSocket other = new ServerSocket(0, 1, HERE)) {
            payments = one.getLocalPort();
            ledger = other.getLocalPort();
        }
        KeyPairFiles own = KeyPairFiles.of(authority.leaf(NAME));
        control = new MeshControlPlane(NameTable.getDefaultInstance(), GrpcSslContexts.configure(SslContextBuilder.forServer(own.key(), own.chainArray()))
                .clientAuth(ClientAuth.REQUIRE)
                .trustManager(Pem.certificates(authority.rootPem().getBytes(StandardCharsets.US_ASCII)))
                .build());
        // java-control-plane answers no delta request for a type that has no resource at all.
        Cluster unused = Cluster.newBuilder().setName("unused").setType(Cluster.DiscoveryType.STATIC).build();
        control.publish(Snapshot.create(List.of(unused), List.of(), List.of(listener("in", 0), listener("payments", payments), listener("ledger", ledger)), List.of(), List.of(), "1"));
        write("etc/certs/root-cert.pem", authority.rootPem());
        write("var/lib/istio/envoy/cluster.env", """
                ISTIO_META_CLUSTER_ID='west'
                ISTIO_META_DNS_CAPTURE='false'
                PILOT_ADDRESS='127.0.0.1:%d'
                PILOT_SAN='%s'
                CA_ADDR='127.0.0.1:%d'
                OUTRIDER_CA_SAN='%s'
                POD_NAMESPACE='vm'
                SERVICE_ACCOUNT='vmapp'
                """.formatted(control.port(), NAME, ca.port(), NAME));
    }

    @AfterEach
    void close() throws Exception {
        if (sidecar != null) {
            sidecar.close();
        }
        ca.close();
        control.close();
    }

    private void write(String file, String text) throws IOException {
        Path path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    private void start() throws Exception {
        Places places = new Places(root);
        MachineConfig machine = MachineConfig.read(places, List.of("127.0.0.1"), "vm-1");
        sidecar = Sidecar.start(SidecarConfig.of(MachineBootstrap.yaml(machine).replace("port_value: 15000", "port_value: 0"))
                .withIdentity(MachineIdentity.of(machine, places))
                .withLocal(SidecarConfig.Local.NONE.withPortIdentities(PortIdentity.all(EffectiveSettings.read(places)).stream()
                        .map(e -> new Identities.PortIdentity(e.name(), e.inboundPorts(), MachineIdentity.of(e, machine, places))).toList())));
        assertTrue(sidecar.awaitReady(Duration.ofSeconds(30)), () -> sidecar.unreadyReasons().toString());
        while (Stream.of("in", "payments", "ledger").anyMatch(name -> sidecar.listenerAddresses().getOrDefault(name, List.of()).isEmpty())) {
            Thread.onSpinWait();
        }
    }

    private static Listener listener(String name, int port) throws Exception {
        Listener.Builder builder = Listener.newBuilder();
        JsonFormat.parser().usingTypeRegistry(JsonFormat.TypeRegistry.newBuilder()
                .add(HttpConnectionManager.getDescriptor()).add(Router.getDescriptor()).add(DownstreamTlsContext.getDescriptor()).build()).merge("""
                {"name": "%s", "address": {"socket_address": {"address": "127.77.0.1", "port_value": %d}},
                 "filter_chains": [{
                   "filters": [{"name": "http", "typed_config": {
                     "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                     "stat_prefix": "in",
                     "http_filters": [{"name": "router", "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}],
                     "route_config": {"name": "in", "virtual_hosts": [{"name": "all", "domains": ["*"],
                       "routes": [{"match": {"prefix": "/"}, "direct_response": {"status": 200, "body": {"inline_string": "here"}}}]}]}}}],
                   "transport_socket": {"name": "tls", "typed_config": {
                     "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
                     "require_client_certificate": true,
                     "common_tls_context": {
                       "tls_certificate_sds_secret_configs": [{"name": "default", "sds_config": {"api_config_source": {"api_type": "GRPC",
                         "grpc_services": [{"envoy_grpc": {"cluster_name": "sds-grpc"}}]}}}],
                       "validation_context_sds_secret_config": {"name": "ROOTCA", "sds_config": {"api_config_source": {"api_type": "GRPC",
                         "grpc_services": [{"envoy_grpc": {"cluster_name": "sds-grpc"}}]}}}}}}}]}
                """.formatted(name, port), builder);
        return builder.build();
    }

    /** A connection with a client certificate; answers count only when they are whole. */
    private final class Connection implements AutoCloseable {

        private final SSLSocket socket;

        Connection() throws IOException {
            this("in");
        }

        Connection(String listener) throws IOException {
            InetSocketAddress to = sidecar.listenerAddresses().get(listener).getFirst();
            socket = (SSLSocket) client.getSocketFactory().createSocket(to.getAddress(), to.getPort());
            socket.startHandshake();
        }

        X509Certificate peer() throws IOException {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }

        String peerId() throws Exception {
            return String.valueOf(peer().getSubjectAlternativeNames().iterator().next().get(1));
        }

        void get() throws IOException {
            socket.getOutputStream().write("GET / HTTP/1.1\r\nhost: vm\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            StringBuilder answer = new StringBuilder();
            while (!answer.toString().endsWith("\r\n\r\nhere")) {
                int next = socket.getInputStream().read();
                if (next < 0) {
                    throw new IOException("cut after " + answer);
                }
                answer.append((char) next);
            }
            assertTrue(answer.toString().startsWith("HTTP/1.1 200 "), answer.toString());
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @Test
    void aTokenIsAllThatAMachineBrings() throws Exception {
        write("var/run/secrets/tokens/istio-token", "t0ken\n");
        start();
        TestCa.Seen seen = ca.next();
        assertEquals("Bearer t0ken", seen.authorization());
        assertEquals("west", seen.clusterId());
        try (Connection connection = new Connection()) {
            connection.get();
            assertEquals(ID, connection.peerId());
        }
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve("etc/certs/key.pem"))));
    }

    @Test
    void aThousandRequestsOnConnectionsThatStayOpenSurviveEveryRotation() throws Exception {
        write("var/run/secrets/tokens/istio-token", "t0ken");
        ca.life(Duration.ofSeconds(4));
        start();
        List<Connection> open = new ArrayList<>();
        Set<X509Certificate> served = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            open.add(new Connection());
        }
        for (int i = 0; i < REQUESTS || served.size() < 3; i++) {
            open.get(i % 4).get();
            if (i % 10 == 0) {
                try (Connection fresh = new Connection()) {
                    fresh.get();
                    served.add(fresh.peer());
                }
            }
        }
        for (Connection connection : open) {
            connection.close();
        }
    }

    @Test
    void aThousandRequestsAreServedWithTheCaAndTheControlPlaneAway() throws Exception {
        write("var/run/secrets/tokens/istio-token", "t0ken");
        start();
        ca.close();
        control.close();
        try (Connection connection = new Connection()) {
            for (int i = 0; i < REQUESTS; i++) {
                connection.get();
                if (i % 10 == 0) {
                    try (Connection fresh = new Connection()) {
                        fresh.get();
                    }
                }
            }
        }
    }

    @Test
    void anExpiredIdentityIsAReasonNotToBeReady() throws Exception {
        write("var/run/secrets/tokens/istio-token", "t0ken");
        ca.life(Duration.ofSeconds(3));
        start();
        ca.refuse(Status.UNAUTHENTICATED);
        while (sidecar.unreadyReasons().stream().noneMatch(line -> line.contains("expired at") && line.contains("does not accept"))) {
            Thread.onSpinWait();
        }
    }

    private void twoPortIdentities() throws IOException {
        write("var/run/secrets/tokens/istio-token", "t0ken");
        write("var/run/secrets/tokens/ledger", "ledger-token");
        write("etc/outrider/outrider.yaml", """
                certificates:
                  identities:
                    payments: {inboundPorts: [%d], directory: /etc/certs/payments}
                    ledger: {inboundPorts: [%d], serviceAccount: ledger, token: /var/run/secrets/tokens/ledger}
                """.formatted(payments, ledger));
    }

    private String page(String path) throws IOException {
        InetSocketAddress at = (InetSocketAddress) sidecar.adminAddress();
        try (InputStream body = URI.create("http://127.0.0.1:" + at.getPort() + path).toURL().openStream()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private void certify(String directory, String id) throws IOException {
        Secret.Certificate leaf = authority.leaf(id);
        // As operators replace pairs: whatever is looked at between the two does not fit, and is not taken.
        write(directory + "/key.pem", new String(leaf.keyPem().toArray(), StandardCharsets.US_ASCII));
        Files.setPosixFilePermissions(root.resolve(directory + "/key.pem"), PosixFilePermissions.fromString("rw-------"));
        write(directory + "/cert-chain.pem", new String(leaf.chainPem().toArray(), StandardCharsets.US_ASCII));
    }

    @Test
    void portsPresentTheIdentitiesThatAnswerForThem() throws Exception {
        twoPortIdentities();
        certify("etc/certs/payments", PAYMENTS);
        start();
        assertEquals(Set.of("Bearer t0ken", "Bearer ledger-token"), Set.of(String.valueOf(ca.next().authorization()), String.valueOf(ca.next().authorization())));
        try (Connection machine = new Connection(); Connection port = new Connection("payments"); Connection issued = new Connection("ledger")) {
            machine.get();
            port.get();
            issued.get();
            assertEquals(ID, machine.peerId());
            assertEquals(PAYMENTS, port.peerId());
            assertNotEquals(machine.peer().getPublicKey(), issued.peer().getPublicKey(), "a key of its own");
        }
        assertTrue(sidecar.stats().gauges().get("outrider_cert_expiry_seconds;identity=payments").value() > 0);
        assertTrue(page("/certs").contains(PAYMENTS));
        String status = page("/status");
        assertTrue(status.contains("payments, for port " + payments + ": " + PAYMENTS + ", until "), status);
    }

    @Test
    void aPortWhoseIdentityHasNoCertificateRefusesAndNeverShowsTheMachines() throws Exception {
        twoPortIdentities();
        start();
        assertThrows(IOException.class, () -> new Connection("payments"));
        try (Connection machine = new Connection()) {
            machine.get();
        }
        assertTrue(sidecar.unreadyReasons().stream().anyMatch(line -> line.startsWith("identity payments: no certificate")), sidecar.unreadyReasons().toString());
        certify("etc/certs/payments", PAYMENTS);
        while (sidecar.unreadyReasons().stream().anyMatch(line -> line.startsWith("identity payments"))) {
            Thread.onSpinWait();
        }
        try (Connection port = new Connection("payments")) {
            assertEquals(PAYMENTS, port.peerId());
        }
    }
}
