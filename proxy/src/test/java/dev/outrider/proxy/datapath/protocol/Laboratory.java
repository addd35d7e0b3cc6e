package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.cluster.ClusterStats;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.datapath.upstream.StreamPool;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.accesslog.LogSinks;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.RouteAction.Priority;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A connection manager between a scripted client and scripted upstreams, without sockets or codecs. */
final class Laboratory implements AutoCloseable {

    final EmbeddedChannel channel = new EmbeddedChannel();
    final Stats stats = new Stats();
    final LogSinks sinks = new LogSinks(stats, 10);
    final Map<String, FakeCluster> clusters = new HashMap<>();
    final List<Upstream> upstreams = new ArrayList<>();
    final DownstreamConnection connection;
    StreamAcceptor acceptor;
    boolean failing;
    /** What the next stream requests come to: null = a stream. */
    StreamReset connectFailure;

    Laboratory(Models.Hcm hcm) {
        this(hcm, Listener.Direction.OUTBOUND, null);
    }

    Laboratory(Models.Hcm hcm, Listener.Direction direction, TlsPeer tls) {
        clusters.put("app", new FakeCluster("app"));
        connection = new DownstreamConnection(
                7, channel, new InetSocketAddress("10.1.1.1", 4000), new InetSocketAddress("127.0.0.1", 8080), Models.listener(direction));
        if (tls != null) {
            connection.tls(tls);
        }
        PeerMetadata node = new PeerMetadata("sidecar~10.0.0.1~vm~ns", "vm", "ns", "vm-wl", "", "Kubernetes", "", "vm-wl", "latest", "vm", "v1", Map.of());
        HttpEnvironment environment = new HttpEnvironment(
                stats, clusters::get, name -> null, loop -> pool, model -> this::install, sinks, node, () -> failing);
        new HttpCompiler(environment).compile(hcm.make(), Models.listener(direction)).install(connection, channel.pipeline());
    }

    private void install(io.netty.channel.ChannelPipeline pipeline, boolean http2, DownstreamConnection down, StreamAcceptor to) {
        acceptor = to;
    }

    private final StreamPool pool = new StreamPool() {
        @Override
        public StreamPool.Request stream(
                Origin origin, boolean http2, List<String> alpn, String sni, StreamEvents.Response events, StreamPool.Waiter waiter) {
            return connect(http2, alpn, events, waiter);
        }

        @Override
        public void drain(Origin origin) {}
    };

    private StreamPool.Request connect(
            boolean http2, List<String> alpn, StreamEvents.Response events, StreamPool.Waiter waiter) {
        if (connectFailure != null) {
            waiter.onFailure(connectFailure, "delayed_connect_error:_Connection_refused");
        } else {
            Upstream upstream = new Upstream(events, alpn);
            upstreams.add(upstream);
            waiter.onStream(upstream, new StreamPool.Connected(
                    upstreams.size(), new InetSocketAddress("127.0.0.1", 9000), new InetSocketAddress("127.0.0.1", 5000), null, http2, false));
        }
        return () -> {};
    }

    Client get(String path, String... headers) {
        return request("GET", path, true, headers);
    }

    Client request(String method, String path, boolean end, String... headers) {
        RequestHead head = new RequestHead();
        head.reset(method, path, "a.test", "http", RequestHead.Protocol.HTTP_1_1);
        for (int i = 0; i < headers.length; i += 2) {
            head.headers().add(headers[i], headers[i + 1]);
        }
        return request(head, end);
    }

    Client request(RequestHead head, boolean end) {
        Client client = new Client();
        client.events = acceptor.onStream(client);
        client.events.onHead(head, end);
        return client;
    }

    Upstream last() {
        return upstreams.getLast();
    }

    /** Lets scheduled tasks that are due by then run. */
    void pass(long millis) {
        channel.advanceTimeBy(millis, java.util.concurrent.TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    @Override
    public void close() {
        sinks.close();
        channel.finishAndReleaseAll();
    }

    static class Stream implements HttpStream {
        final StringBuilder body = new StringBuilder();
        boolean ended;
        boolean writable = true;
        boolean readingPaused;
        StreamReset reset;
        String trailers;

        @Override
        public boolean isWritable() {
            return writable;
        }

        @Override
        public void sendData(ByteBuf data, boolean end) {
            body.append(data.toString(StandardCharsets.UTF_8));
            data.release();
            ended |= end;
        }

        @Override
        public void sendTrailers(Headers fields) {
            trailers = fields.toString();
            ended = true;
        }

        @Override
        public void reset(StreamReset reason) {
            reset = reason;
        }

        @Override
        public void pauseReading(boolean pause) {
            readingPaused = pause;
        }

        @Override
        public long bytesRead() {
            return 0;
        }

        @Override
        public long bytesWritten() {
            return 0;
        }
    }

    static final class Client extends Stream implements HttpStream.Response {
        StreamEvents.Request events;
        int status;
        final Headers headers = new Headers();
        boolean closes;

        @Override
        public void sendInformational(ResponseHead head) {}

        @Override
        public void sendHead(ResponseHead head, boolean end) {
            status = head.status();
            headers.copyFrom(head.headers());
            ended |= end;
        }

        @Override
        public void closeAfter() {
            closes = true;
        }
    }

    static final class Upstream extends Stream implements HttpStream.Request {
        final StreamEvents.Response events;
        final List<String> alpn;
        final RequestHead head = new RequestHead();

        Upstream(StreamEvents.Response events, List<String> alpn) {
            this.events = events;
            this.alpn = alpn;
        }

        @Override
        public void sendHead(RequestHead request, boolean end) {
            head.copyFrom(request);
            ended |= end;
        }

        void answer(int status, boolean end, String... headers) {
            ResponseHead answer = new ResponseHead();
            answer.reset(status);
            for (int i = 0; i < headers.length; i += 2) {
                answer.headers().add(headers[i], headers[i + 1]);
            }
            events.onHead(answer, end);
        }
    }

    final class FakeCluster implements ClusterState {
        final Cluster model;
        final ClusterStats clusterStats;
        final List<Host> hosts = new ArrayList<>();
        boolean warm = true;
        int permits = 1000;
        int retryPermits = 1000;

        FakeCluster(String name) {
            this(Models.cluster(name));
        }

        FakeCluster(Cluster model) {
            this.model = model;
            clusterStats = new ClusterStats(stats, model.name());
            SocketAddress at = new InetSocketAddress("127.0.0.1", 9000);
            hosts.add(new Host(Models.endpoint(9000), new Origin(List.of(at), List.of(), 0, null, 0, Models.http(), null, null, null)));
        }

        @Override
        public Cluster model() {
            return model;
        }

        @Override
        public ClusterStats stats() {
            return clusterStats;
        }

        @Override
        public boolean warm() {
            return warm;
        }

        @Override
        public Host pick(PickContext context) {
            return hosts.isEmpty() ? null : hosts.getFirst();
        }

        @Override
        public boolean tryRequest(Priority priority) {
            return permits-- > 0;
        }

        @Override
        public void releaseRequest(Priority priority) {
            permits++;
        }

        @Override
        public boolean tryRetry(Priority priority) {
            return retryPermits-- > 0;
        }

        @Override
        public void releaseRetry(Priority priority) {
            retryPermits++;
        }

        @Override
        public void report(Host host, int status) {}

        @Override
        public Collection<Host> hosts() {
            return hosts;
        }
    }
}
