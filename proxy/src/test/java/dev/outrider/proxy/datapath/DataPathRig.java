package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.ConnectionProgram;
import dev.outrider.proxy.connection.ConnectionWatcher;
import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.connection.PeerExchange;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.cluster.SystemResolver;
import dev.outrider.proxy.datapath.filterchain.ChainTls;
import dev.outrider.proxy.datapath.origdst.OriginalDestinationSource;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.AccessLog;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import io.netty.channel.Channel;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

import static org.junit.jupiter.api.Assertions.assertNotNull;

/** A whole data path on loopback with two loops; HTTP chains close. */
final class DataPathRig implements AutoCloseable {

    final Stats stats = new Stats();
    final BlockingQueue<StreamInfo> closed = new LinkedBlockingQueue<>();
    final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, Transport.ioHandlers());
    final DefaultEventLoop control = new DefaultEventLoop();
    final DataPath path;

    DataPathRig() {
        this(channel -> null, new PlainOnly());
    }

    DataPathRig(Function<Channel, @Nullable InetSocketAddress> destinations, TlsSource tls) {
        this(new InheritedSockets(), destinations, tls);
    }

    DataPathRig(InheritedSockets inherited, Function<Channel, @Nullable InetSocketAddress> destinations) {
        this(inherited, destinations, new PlainOnly());
    }

    private DataPathRig(InheritedSockets inherited, Function<Channel, @Nullable InetSocketAddress> destinations, TlsSource tls) {
        var watchers = new ConnectionWatcher.Source() {
            @Override
            public ConnectionWatcher accessLogs(List<AccessLog> logs, String type) {
                return closed::add;
            }

            @Override
            public ConnectionWatcher istioStats(NetworkFilter.StatsConfig config, Listener listener) {
                return closed::add;
            }
        };
        path = new DataPath(
                new DataPath.Settings(loops, control, stats, OriginalDestinationSource.fixed(destinations), Duration.ofMillis(200).toNanos(), 10_000, inherited),
                new DataPath.Parts(tls, new SystemResolver(), new Exchange(), watchers, (clusters, connector) -> new NoHttp()));
    }

    static final NetworkFilter.IstioStats WATCHED = new NetworkFilter.IstioStats(new NetworkFilter.StatsConfig(false, 0, List.of()));

    void apply(MeshUpdate update) throws Exception {
        control.submit(() -> path.apply(update)).get(10, TimeUnit.SECONDS).get(10, TimeUnit.SECONDS);
    }

    InetSocketAddress address(String listener) {
        return path.addresses().get(listener).getFirst();
    }

    Socket connect(String listener) throws IOException {
        InetSocketAddress to = address(listener);
        var socket = new Socket(to.getAddress(), to.getPort());
        socket.setSoTimeout(10_000);
        return socket;
    }

    StreamInfo nextClosed() throws InterruptedException {
        StreamInfo info = closed.poll(10, TimeUnit.SECONDS);
        assertNotNull(info, "no connection was recorded");
        return info;
    }

    static void say(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    static String hear(Socket socket, int bytes) throws IOException {
        return new String(socket.getInputStream().readNBytes(bytes), StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws Exception {
        control.submit(path::close).get(10, TimeUnit.SECONDS);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
        control.shutdownGracefully(0, 5, TimeUnit.SECONDS).await(10, TimeUnit.SECONDS);
    }

    static final class PlainOnly implements TlsSource {
        @Override
        public ChainTls downstream(TransportSocket.DownstreamTls socket) {
            throw new IllegalStateException("no TLS here");
        }

        @Override
        public UpstreamTls upstream(TransportSocket.UpstreamTls socket) {
            throw new IllegalStateException("no TLS here");
        }

        @Override
        public void secrets(Map<String, ? extends Secret> all) {}
    }

    private static final class Exchange implements PeerExchange {
        @Override
        public byte[] body() {
            return "me".getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public @Nullable PeerMetadata read(byte[] body) {
            return new PeerMetadata(new String(body, StandardCharsets.UTF_8), "", "", "", "", "", "", "", "", "", "", Map.of());
        }
    }

    private static final class NoHttp implements HttpSide {
        @Override
        public void routes(Collection<RouteConfiguration> changed, Set<String> removed) {}

        @Override
        public void originGone(Origin origin) {}

        @Override
        public ConnectionProgram compile(HttpConnectionManager manager, Listener listener) {
            return (connection, pipeline) -> pipeline.close();
        }

        @Override
        public void close() {}
    }
}
