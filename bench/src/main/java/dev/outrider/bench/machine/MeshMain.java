package dev.outrider.bench.machine;

import dev.outrider.proxy.demo.NameTableStreams;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.ClientAuth;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** The control plane's process: says its port, then serves until its input ends. Arguments: services, outbound port, backend port, chain, key, root. */
final class MeshMain {

    private MeshMain() {}

    public static void main(String[] args) throws IOException {
        MeshResources mesh = new MeshResources(Integer.parseInt(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]));
        SimpleCache<String> cache = new SimpleCache<>(node -> "machine");
        cache.setSnapshot("machine", mesh.snapshot());
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.forServer(new File(args[3]), new File(args[4]))
                        .trustManager(new File(args[5])).clientAuth(ClientAuth.REQUIRE).build())
                .addService(new NameTableStreams(new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl(), mesh.names()))
                .build().start();
        System.out.println(server.getPort());
        while (System.in.read() >= 0) {
            // Nothing is asked of it.
        }
        server.shutdownNow();
    }
}
