package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.demo.NameTableStreams;
import dev.outrider.xds.proto.istio.networking.nds.v1.NameTable;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** java-control-plane's ADS server on loopback, that can die and come back at the same port with nothing but its last snapshot. */
final class ControlPlane implements AutoCloseable {

    private Server server;
    private SimpleCache<String> cache = new SimpleCache<>(node -> "all");
    private Snapshot last;

    ControlPlane(Snapshot first) throws IOException {
        last = first;
        server = serve(0);
    }

    private Server serve(int port) throws IOException {
        cache = new SimpleCache<>(node -> "all");
        cache.setSnapshot("all", last);
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                .addService(new NameTableStreams(new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl(), NameTable.getDefaultInstance()))
                .build()
                .start();
    }

    int port() {
        return server.getPort();
    }

    void publish(Snapshot next) {
        last = next;
        cache.setSnapshot("all", next);
    }

    /** Cuts every stream. */
    void kill() throws InterruptedException {
        server.shutdownNow();
        if (!server.awaitTermination(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the control plane did not end");
        }
    }

    void restart(int port) throws IOException {
        server = serve(port);
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
