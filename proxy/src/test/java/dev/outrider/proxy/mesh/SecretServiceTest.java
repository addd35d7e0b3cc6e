package dev.outrider.proxy.mesh;

import com.google.protobuf.ByteString;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.identity.TestCertificates;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Istio's {@code sds-grpc}: secrets by a service on a Unix socket that the bootstrap names, in both protocols. */
class SecretServiceTest {

    private static final String SOURCE = """
            {api_config_source: {api_type: %s, transport_api_version: V3, grpc_services: [{envoy_grpc: {cluster_name: sds-grpc}}]}}""";

    @TempDir
    private Path directory;

    private static Secret certificate(TestCertificates authority) {
        var leaf = authority.leaf("spiffe://cluster.local/ns/default/sa/vmapp");
        return Secret.newBuilder().setName("default").setTlsCertificate(TlsCertificate.newBuilder()
                .setCertificateChain(inline(leaf.chainPem().toArray())).setPrivateKey(inline(leaf.keyPem().toArray()))).build();
    }

    private static Secret trust(TestCertificates authority) {
        return Secret.newBuilder().setName("ROOTCA").setValidationContext(CertificateValidationContext.newBuilder()
                .setTrustedCa(DataSource.newBuilder().setInlineString(authority.rootPem()))).build();
    }

    private static DataSource inline(byte[] bytes) {
        return DataSource.newBuilder().setInlineBytes(ByteString.copyFrom(bytes)).build();
    }

    private String bootstrap(String api, Path socket) {
        String source = SOURCE.formatted(api);
        return """
                node: {id: "sidecar~192.168.77.10~vm-1.default~default.svc.cluster.local", cluster: vmapp.default}
                admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
                static_resources:
                  clusters:
                  - name: sds-grpc
                    type: STATIC
                    load_assignment:
                      cluster_name: sds-grpc
                      endpoints: [{lb_endpoints: [{endpoint: {address: {pipe: {path: "%s"}}}}]}]
                  - name: upstream
                    type: STATIC
                    transport_socket:
                      name: envoy.transport_sockets.tls
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                        common_tls_context:
                          tls_certificate_sds_secret_configs: [{name: default, sds_config: %s}]
                          validation_context_sds_secret_config: {name: ROOTCA, sds_config: %s}
                """.formatted(socket, source, source);
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void secretsComeOverAUnixSocket(String api) throws Exception {
        Assumptions.assumeTrue(Epoll.isAvailable());
        TestCertificates authority = new TestCertificates();
        SimpleCache<String> cache = new SimpleCache<>(node -> "all");
        cache.setSnapshot("all", Snapshot.create(
                List.of(), List.of(), List.of(), List.of(), List.of(certificate(authority), trust(authority)), "1"));
        Path socket = directory.resolve("sds");
        MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Server server = NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
                .channelType(EpollServerDomainSocketChannel.class).bossEventLoopGroup(loops).workerEventLoopGroup(loops)
                .addService(new V3DiscoveryServer(cache).getSecretDiscoveryServiceImpl())
                .build().start();
        try (Sidecar sidecar = Sidecar.start(SidecarConfig.of(bootstrap(api, socket)))) {
            assertTrue(sidecar.awaitReady(Duration.ofSeconds(30)), () -> sidecar.unreadyReasons().toString());
            Set<String> names = new TreeSet<>();
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (names.size() < 2 && System.nanoTime() < deadline) {
                ConfigDumps.fetch(sidecar.adminAddress()).secrets().getDynamicActiveSecretsList().forEach(one -> names.add(one.getName()));
            }
            assertEquals(Set.of("default", "ROOTCA"), names);
        } finally {
            server.shutdownNow().awaitTermination();
            loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }
}
