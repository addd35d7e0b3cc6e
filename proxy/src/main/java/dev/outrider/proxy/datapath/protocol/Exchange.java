package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.filter.FilterContext;
import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.datapath.filter.FilterStep;
import dev.outrider.proxy.datapath.relay.http.ForwardPlan;
import dev.outrider.proxy.datapath.route.RouteDecision;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.proxy.telemetry.accesslog.GrpcStatus;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.xds.model.RouteAction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request and its answer, as a state machine over the client's stream: sanitise, route, filter, forward or answer, log exactly once.
 * Reused for the next request of an HTTP/1 connection. Confined to the connection's event loop.
 */
final class Exchange implements StreamEvents.Request, FilterContext.Flow, UpstreamClient {

    final HttpConnection connection;
    final HttpProgram program;
    final RequestHead request = new RequestHead();
    final ResponseHead response = new ResponseHead();
    final ExchangeTimers timers;
    private final StreamInfo info;
    private final LogContext log;
    private final FilterContext filters;
    private HttpStream.@Nullable Response stream;
    private @Nullable UpstreamRequest upstream;
    private final RequestBody held = new RequestBody();
    private String decorator = "";
    private @Nullable String ownType;
    private int step;
    private boolean waiting;
    private boolean requestEnded;
    private boolean responseStarted;
    private boolean closing;
    private boolean over;

    Exchange(HttpConnection connection) {
        this.connection = connection;
        program = connection.program;
        info = new StreamInfo(connection.downstream);
        log = new LogContext(info, request, null);
        log.type = "DownstreamEnd";
        filters = new FilterContext(info, request, log, this);
        timers = new ExchangeTimers(this);
    }

    void begin(HttpStream.Response client) {
        stream = client;
        upstream = null;
        decorator = "";
        step = 0;
        waiting = false;
        requestEnded = false;
        responseStarted = false;
        closing = false;
        over = false;
        ownType = null;
        filters.reset();
        program.stats.rqTotal.inc();
        program.stats.rqActive.inc();
    }

    StreamInfo info() {
        return info;
    }

    FilterContext filters() {
        return filters;
    }

    boolean requestEnded() {
        return requestEnded;
    }

    boolean responseStarted() {
        return responseStarted;
    }

    @Override
    public EventLoop loop() {
        return connection.loop();
    }

    // ---- the client's side

    @Override
    public void onHead(RequestHead head, boolean end) {
        assert loop().inEventLoop();
        request.copyFrom(head);
        info.startMillis = System.currentTimeMillis();
        info.startNanos = System.nanoTime();
        info.protocol = head.protocol().toString();
        info.headerBytesReceived = head.fieldBytes();
        requestEnded = end;
        if (end) {
            info.lastRequestByteNanos = info.startNanos;
        }
        timers.start(program.model.timeouts());
        LocalReply refusal = Admission.check(request, program, connection.downstream.destination().getPort());
        if (refusal != null) {
            closing = refusal.status() == 400;
            reply(refusal);
            return;
        }
        route();
        if (Admission.upgradeRefused(request, program)) {
            closing = true;
            reply(new LocalReply(403, "", "upgrade_failed", null));
        } else {
            runFilters();
        }
    }

    private void route() {
        RequestRouting routing = connection.routing;
        RouteDecision decision = routing.route(request, info);
        filters.decision = decision;
        filters.cluster = routing.cluster();
        if (decision != null) {
            ForwardPlan plan = decision.plan();
            if (plan != null) {
                timers.route(plan.model());
            }
            if (program.model.tracing() != null) {
                decorator = ResponseFinisher.decorate(request, decision.model(), connection.inbound());
            }
        }
    }

    private void runFilters() {
        while (step < program.steps.length) {
            FilterStep.Verdict verdict = program.steps[step++].onRequest(filters);
            if (verdict == FilterStep.Verdict.STOP || over) {
                return;
            }
            if (verdict == FilterStep.Verdict.WAIT) {
                waiting = true;
                pauseClient(true);
                return;
            }
        }
        dispatch();
    }

    @Override
    public void resume() {
        if (over || !waiting) {
            return;
        }
        waiting = false;
        pauseClient(false);
        runFilters();
    }

    private void dispatch() {
        RouteDecision decision = filters.decision;
        if (decision == null) {
            program.stats.noRoute.inc();
            reply(new LocalReply(404, "", "route_not_found", ResponseFlag.NR));
            return;
        }
        switch (decision.model().action()) {
            case RouteAction.DirectResponse direct -> {
                program.stats.rqDirectResponse.inc();
                reply(new LocalReply(direct.status(), direct.body().toUtf8(), "direct_response", null));
            }
            case RouteAction.Redirect redirect -> {
                program.stats.rqRedirect.inc();
                String location = decision.location(request);
                List<LocalReply.Field> fields = List.of(new LocalReply.Field("location", location == null ? "" : location));
                reply(new LocalReply(redirect.status(), "", -1, "direct_response", null, fields));
            }
            case RouteAction.NonForwarding n -> reply(new LocalReply(500, "", "non_forwarding_route", null));
            case RouteAction.Forward forward -> forward(decision, forward);
        }
    }

    private void forward(RouteDecision decision, RouteAction.Forward forward) {
        ClusterState cluster = filters.cluster;
        ForwardPlan plan = decision.plan();
        if (cluster == null || plan == null) {
            program.stats.noCluster.inc();
            reply(new LocalReply(forward.clusterNotFoundStatus(), "", "cluster_not_found", ResponseFlag.NC));
            return;
        }
        program.stats.routerRqTotal.inc();
        UpstreamRequest request = new UpstreamRequest(this, this, cluster, plan);
        upstream = request;
        request.start(!held.nothing());
        held.sendTo(request, requestEnded);
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        if (over || stream == null) {
            data.release();
            requestEnded |= end;
            return;
        }
        info.bytesReceived += data.readableBytes();
        ended(end);
        if (program.stepsReadData) {
            for (FilterStep one : program.steps) {
                one.onRequestData(filters, data);
            }
        }
        UpstreamRequest to = upstream;
        if (to != null) {
            to.sendData(data, end);
        } else {
            held.add(data);
        }
    }

    private void ended(boolean end) {
        if (end) {
            requestEnded = true;
            info.lastRequestByteNanos = System.nanoTime();
        }
        timers.active();
    }

    @Override
    public void onTrailers(Headers trailers) {
        ended(true);
        UpstreamRequest to = upstream;
        if (!over && to != null) {
            to.sendTrailers(trailers);
        } else if (!over) {
            held.trailers(trailers);
        }
    }

    /** The client went away, or its codec gave the stream up. */
    @Override
    public void onReset(StreamReset reason, String details) {
        requestEnded = true;
        if (over) {
            return;
        }
        program.stats.rqRxReset.inc();
        if (reason == StreamReset.PROTOCOL_ERROR) {
            info.flag(ResponseFlag.DPE);
        } else {
            info.flag(reason == StreamReset.REMOTE_RESET ? ResponseFlag.DR : ResponseFlag.DC);
        }
        if (info.responseCodeDetails.isEmpty() || !details.isEmpty()) {
            info.responseCodeDetails = details.isEmpty() ? "downstream_remote_disconnect" : details;
        }
        cancelUpstream();
        stream = null;
        finish();
    }

    @Override
    public void onWritable() {
        if (upstream != null && !over) {
            upstream.pauseResponse(false);
        }
    }

    @Override
    public void pauseClient(boolean pause) {
        HttpStream.Response client = stream;
        if (client != null) {
            client.pauseReading(pause);
        }
    }

    /** The route's time for an answer is over. */
    void unanswered() {
        if (upstream != null) {
            upstream.onGlobalTimeout();
        }
    }

    // ---- the answer

    @Override
    public void onInformational(ResponseHead head) {
        HttpStream.Response client = stream;
        if (client != null && !responseStarted && head.status() == 100 && program.model.proxy100Continue()) {
            client.sendInformational(head);
        }
    }

    @Override
    public void onResponse(ResponseHead head, boolean end) {
        response.reset(head.status());
        response.upgrade(head.upgrade());
        response.headers().copyFrom(head.headers());
        log.response = response;
        info.responseCode = head.status();
        info.responseCodeDetails = "via_upstream";
        info.upstreamHeaderBytesReceived += head.headers().byteLength();
        if (response.status() == 101) {
            timers.stop();
        }
        send(end);
        if (end) {
            complete();
        }
    }

    /** Finishes the head for the client and sends it. */
    private void send(boolean end) {
        RouteDecision decision = filters.decision;
        if (decision != null) {
            decision.finishResponse(response, log);
        }
        ResponseFinisher.type(response, ownType);
        for (int i = program.steps.length - 1; i >= 0; i--) {
            program.steps[i].onResponse(filters, response);
        }
        ResponseFinisher.finish(this, response, decorator);
        HttpStream.Response client = stream;
        if (client == null) {
            return;
        }
        if (connection.ending()) {
            program.stats.cxDrainClose.inc();
            client.closeAfter();
        }
        responseStarted = true;
        long now = System.nanoTime();
        info.firstDownstreamTxNanos = now;
        info.lastDownstreamTxNanos = now;
        info.headerBytesSent += response.headers().byteLength();
        program.stats.answered(response.status());
        timers.active();
        client.sendHead(response, end);
    }

    @Override
    public void onResponseData(ByteBuf data, boolean end) {
        HttpStream.Response client = stream;
        if (over || client == null) {
            data.release();
            return;
        }
        info.bytesSent += data.readableBytes();
        if (program.stepsReadData) {
            for (int i = program.steps.length - 1; i >= 0; i--) {
                program.steps[i].onResponseData(filters, data);
            }
        }
        timers.active();
        client.sendData(data, end);
        if (end) {
            complete();
        } else if (!client.isWritable() && upstream != null) {
            upstream.pauseResponse(true);
        }
    }

    @Override
    public void onResponseTrailers(Headers trailers) {
        HttpStream.Response client = stream;
        if (over || client == null) {
            return;
        }
        for (int i = program.steps.length - 1; i >= 0; i--) {
            program.steps[i].onResponseTrailers(filters, trailers);
        }
        log.keep(trailers);
        client.sendTrailers(trailers);
        complete();
    }

    /** The upstream broke off after the answer had begun: nothing is left but to cut it. */
    @Override
    public void onResponseBroken(ResponseFlag flag, String details) {
        info.flag(flag);
        info.responseCodeDetails = details;
        program.stats.resetAfterResponse.inc();
        abort(StreamReset.LOCAL_RESET);
    }

    void abort(StreamReset reason) {
        if (over) {
            return;
        }
        program.stats.rqTxReset.inc();
        cancelUpstream();
        info.lastDownstreamTxNanos = 0;
        HttpStream.Response client = stream;
        countWire(client);
        stream = null;
        requestEnded = true;
        if (client != null) {
            client.reset(reason);
        }
        finish();
    }

    @Override
    public void reply(LocalReply reply) {
        if (over) {
            return;
        }
        if (responseStarted) {
            info.responseCodeDetails = reply.details();
            abort(StreamReset.LOCAL_RESET);
            return;
        }
        cancelUpstream();
        ResponseFlag flag = reply.flag();
        if (flag != null) {
            info.flag(flag);
        }
        info.responseCodeDetails = reply.details();
        byte[] body = program.localReplies.fill(reply, response, log, GrpcStatus.isGrpc(request.headers()));
        ownType = ResponseFinisher.takeType(response);
        boolean bare = body.length == 0 || request.method().equals("HEAD");
        HttpStream.Response client = stream;
        if (client != null && (!requestEnded || closing) && !connection.http2()) {
            client.closeAfter();
        }
        send(bare);
        info.responseCode = response.status();
        if (!bare && client != null) {
            info.bytesSent += body.length;
            client.sendData(Unpooled.wrappedBuffer(body), true);
        }
        complete();
    }

    private void complete() {
        info.lastDownstreamTxNanos = System.nanoTime();
        HttpStream.Response client = stream;
        if (!requestEnded) {
            program.stats.rqResponseBeforeComplete.inc();
            if (client != null) {
                client.pauseReading(false);
                if (!connection.http2()) {
                    client.closeAfter();
                }
            }
            cancelUpstream();
        }
        finish();
    }

    private void countWire(HttpStream.@Nullable Response client) {
        if (client != null) {
            info.wireBytesReceived = client.bytesRead();
            info.wireBytesSent = client.bytesWritten();
        }
    }

    private void cancelUpstream() {
        UpstreamRequest there = upstream;
        upstream = null;
        if (there != null) {
            there.cancel();
        }
    }

    /** Records the end, once. */
    private void finish() {
        if (over) {
            return;
        }
        over = true;
        boolean reusable = requestEnded;
        timers.stop();
        held.release();
        Runnable cancel = filters.onCancel;
        if (cancel != null) {
            filters.onCancel = null;
            cancel.run();
        }
        info.endNanos = System.nanoTime();
        countWire(stream);
        program.stats.rqActive.dec();
        program.stats.rqTime.record((info.endNanos - info.startNanos) / 1_000_000);
        for (FilterStep one : program.steps) {
            one.onEnd(filters);
        }
        program.logs.log(log);
        stream = null;
        upstream = null;
        connection.ended(this, reusable);
    }
}
