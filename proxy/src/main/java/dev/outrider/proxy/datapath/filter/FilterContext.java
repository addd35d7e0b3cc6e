package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.route.RouteDecision;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.xds.model.HttpFilter.PerRoute;
import io.netty.channel.EventLoop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One request as filters see it. Reused for the next of its connection; confined to its event loop. */
public final class FilterContext {

    /** What a filter may ask of the request's course. */
    public interface Flow {

        /** Answers in place of the upstream. {@code grpcStatus} -1: derived from {@code status}. */
        void reply(LocalReply reply);

        /** Goes on behind the step that answered WAIT. */
        void resume();

        EventLoop loop();
    }

    /** An answer of the proxy's own. A null flag sets none. */
    public record LocalReply(int status, String body, int grpcStatus, String details, @Nullable ResponseFlag flag, List<Field> fields) {

        /** A response field. */
        public record Field(String name, String value) {}

        public LocalReply(int status, String body, String details, @Nullable ResponseFlag flag) {
            this(status, body, -1, details, flag, List.of());
        }
    }

    public final StreamInfo info;
    public final RequestHead request;
    public final LogContext log;
    public final Flow flow;
    public @Nullable RouteDecision decision;
    public @Nullable ClusterState cluster;
    /** Offered to the upstream in place of the TLS context's own list; empty = that list. */
    public List<String> alpn = List.of();
    /** Whether the request brought Istio's metadata headers: then the response carries ours. */
    public boolean peerAsked;
    /** gRPC message counters, made by their filter for gRPC requests. */
    public @Nullable GrpcFrames grpcRequest;
    public @Nullable GrpcFrames grpcResponse;
    /** Runs when the request ends while a filter waits. */
    public @Nullable Runnable onCancel;
    /** CORS: the origin that was allowed, and its policy's answer fields. */
    public Cors.@Nullable Grant cors;

    public FilterContext(StreamInfo info, RequestHead request, LogContext log, Flow flow) {
        this.info = info;
        this.request = request;
        this.log = log;
        this.flow = flow;
    }

    /** For the next request, with its records. */
    public void reset() {
        info.reset();
        log.reset();
        decision = null;
        cluster = null;
        alpn = List.of();
        peerAsked = false;
        grpcRequest = null;
        grpcResponse = null;
        onCancel = null;
        cors = null;
    }

    /** The most specific route-level configuration of a filter, or null. */
    public @Nullable PerRoute perRoute(String filter) {
        RouteDecision route = decision;
        return route == null ? null : route.perFilter(filter);
    }
}
