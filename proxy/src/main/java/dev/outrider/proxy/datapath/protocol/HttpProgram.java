package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.ConnectionProgram;
import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.filter.FilterStep;
import dev.outrider.proxy.datapath.protocol.head.RequestSanitizer;
import dev.outrider.proxy.datapath.protocol.reply.LocalReplies;
import dev.outrider.proxy.datapath.route.RouteTable;
import dev.outrider.proxy.telemetry.accesslog.AccessLogs;
import dev.outrider.xds.model.HttpConnectionManager;
import dev.outrider.xds.model.HttpConnectionManager.CodecType;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** A compiled HTTP connection manager, shared by the connections of its chains. Immutable, but for whom it lets go. */
final class HttpProgram implements ConnectionProgram {

    final HttpConnectionManager model;
    final HttpEnvironment environment;
    final HttpStats stats;
    final RequestSanitizer sanitizer;
    final FilterStep[] steps;
    final boolean stepsReadData;
    final boolean suppressEnvoyHeaders;
    final AccessLogs logs;
    final LocalReplies localReplies;
    final HttpEnvironment.Codec codec;
    private final @Nullable RouteTable inline;
    private final Map<EventLoop, IdleClosing> closing = new ConcurrentHashMap<>();

    HttpProgram(HttpConnectionManager model, HttpEnvironment environment, FilterStep[] steps, boolean suppressEnvoyHeaders) {
        this.model = model;
        this.environment = environment;
        this.steps = steps;
        this.suppressEnvoyHeaders = suppressEnvoyHeaders;
        stats = new HttpStats(environment.stats(), model.statPrefix());
        sanitizer = new RequestSanitizer(model);
        logs = AccessLogs.compile(model.accessLogs(), environment.logs());
        localReplies = new LocalReplies(model.localReplies());
        codec = environment.codecs().compile(model);
        inline = model.routes() == null ? null : RouteTable.compile(model.routes());
        boolean reads = false;
        for (FilterStep step : steps) {
            reads |= step.readsData();
        }
        stepsReadData = reads;
    }

    /** The table of this request; one volatile read for RDS. */
    @Nullable RouteTable routes() {
        String name = model.rdsName();
        return name == null ? inline : environment.routes().table(name);
    }

    IdleClosing closing(EventLoop loop) {
        return closing.computeIfAbsent(loop, IdleClosing::new);
    }

    @Override
    public void install(DownstreamConnection connection, ChannelPipeline pipeline) {
        HttpConnection http = new HttpConnection(this, connection);
        pipeline.addLast(http);
        CodecType type = model.codecType();
        TlsPeer tls = connection.tls();
        String alpn = tls == null ? "" : tls.alpn();
        boolean http2 = type == CodecType.HTTP2 || type == CodecType.AUTO && (alpn.equals("h2") || alpn.equals("istio-h2"));
        if (http2 || type == CodecType.AUTO && alpn.isEmpty()) {
            pipeline.addLast(new CodecSniffer(http, http2));
        } else {
            http.installCodec(pipeline, false);
        }
        pipeline.channel().config().setAutoRead(true);
    }
}
