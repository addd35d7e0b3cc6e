package dev.outrider.bench.jmh;

import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.filter.FilterContext;
import dev.outrider.proxy.datapath.filter.IstioStats;
import dev.outrider.proxy.datapath.filter.PeerExchange;
import dev.outrider.proxy.datapath.filter.PeerStruct;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Histogram;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.accesslog.AccessLogs;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.proxy.telemetry.accesslog.LogSinks;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.NetworkFilter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What a request tells: counters, Istio's metrics, metadata exchange, a line of JSON. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class TelemetryStages {

    private static final HeaderName ID = HeaderName.of("x-envoy-peer-metadata-id");
    private static final HeaderName DATA = HeaderName.of("x-envoy-peer-metadata");
    private static final String PEER_ID = "sidecar~10.0.0.7~productpage.default~default.svc.cluster.local";

    private final EventLoop loop = new DefaultEventLoop();
    private Counter counter;
    private Histogram histogram;
    private LogSinks sinks;
    private AccessLogs logs;
    private LogContext log;
    private PeerExchange exchange;
    private IstioStats istio;
    private FilterContext context;
    private String peerData;
    private long value;

    @Setup
    public void compile() {
        Stats stats = new Stats();
        counter = stats.counter("http.bench.downstream_rq_total");
        histogram = stats.histogram("http.bench.downstream_rq_time");
        Bootstrap bootstrap = Fixture.bootstrap(0);
        StreamInfo info = Fixture.stream(Fixture.listener(bootstrap));
        RequestHead head = Fixture.request("bench.example");
        log = new LogContext(info, head, new ResponseHead());
        sinks = new LogSinks(stats, 100);
        logs = AccessLogs.compile(Fixture.manager(bootstrap).accessLogs(), sinks);
        PeerMetadata node = Fixture.peer("bench");
        PeerMetadata peer = Fixture.peer("productpage");
        peerData = PeerStruct.encode(peer);
        exchange = new PeerExchange(new HttpFilter.PeerMetadata("exchange", true, false, true, false, false, List.of()), node);
        istio = new IstioStats(new NetworkFilter.StatsConfig(false, 0, List.of()), node, true, stats);
        context = new FilterContext(info, head, log, new Flow(loop));
        info.downstreamPeer = peer;
    }

    private record Flow(EventLoop loop) implements FilterContext.Flow {

        @Override
        public void reply(FilterContext.LocalReply reply) {
            throw new IllegalStateException("an answer nobody asked for: " + reply);
        }

        @Override
        public void resume() {
            throw new IllegalStateException("nothing waits");
        }
    }

    @TearDown
    public void close() {
        sinks.close();
        loop.shutdownGracefully();
    }

    @Benchmark
    public long stats() {
        counter.inc();
        histogram.record(value++ & 0xff);
        return value;
    }

    @Benchmark
    public void istioStats() {
        istio.onEnd(context);
    }

    /** A request of a peer that is known already, as all but its first are. */
    @Benchmark
    public Object metadataExchange() {
        context.request.headers().clear();
        context.request.headers().add(ID, PEER_ID);
        context.request.headers().add(DATA, peerData);
        return exchange.onRequest(context);
    }

    @Benchmark
    public void accessLogLine() {
        logs.log(log);
    }
}
