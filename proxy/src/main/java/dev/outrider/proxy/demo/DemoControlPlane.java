package dev.outrider.proxy.demo;

import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The demo's control plane: java-control-plane's ADS server over mutual TLS, one snapshot per kind of node, and Istio's name table. */
final class DemoControlPlane implements AutoCloseable {

    /** Who is served alike, told by the name in the node id. */
    enum Group { MACHINE, CLUSTER }

    private final SimpleCache<Group> cache =
            new SimpleCache<>(node -> node.getId().contains("~machine.") ? Group.MACHINE : Group.CLUSTER);
    private final Server server;

    DemoControlPlane(int port, DemoAuthority authority, NameTable names) throws StartupException {
        DemoAuthority.Issued identity = authority.issue(
                "istiod.istio-system.svc", "spiffe://cluster.local/ns/istio-system/sa/istiod");
        try {
            SslContext tls = GrpcSslContexts.forServer(stream(identity.chainPem()), stream(identity.keyPem()))
                    .trustManager(stream(authority.rootPem()))
                    .clientAuth(ClientAuth.REQUIRE)
                    .build();
            server = NettyServerBuilder.forAddress(Loopback.at(port))
                    .sslContext(tls)
                    .addService(new NameTableStreams(new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl(), names))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new StartupException("the demo's control plane cannot listen on 127.0.0.1:" + port + ": " + e.getMessage());
        }
    }

    private static InputStream stream(String pem) {
        return new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII));
    }

    int port() {
        return server.getPort();
    }

    /** Pushes at once to those who are connected. */
    void publish(Group group, Snapshot snapshot) {
        cache.setSnapshot(group, snapshot);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
