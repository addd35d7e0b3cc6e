package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.cluster.ClusterState;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.datapath.protocol.reply.UpstreamFailures;
import dev.outrider.proxy.datapath.relay.http.ForwardPlan;
import dev.outrider.proxy.datapath.relay.http.Retries;
import dev.outrider.proxy.datapath.route.RouteDecision;
import dev.outrider.proxy.datapath.route.RouteTable;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteAction.RetryPolicy;
import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The upstream side of one request (Envoy's router filter): chooses hosts, tries and retries, keeps the body while a retry may need it, and
 * keeps time. Confined to the downstream connection's event loop, as its streams are.
 */
final class UpstreamRequest {

    private static final HeaderName SERVICE_TIME = HeaderName.of("x-envoy-upstream-service-time");
    private static final HeaderName ATTEMPT_COUNT = HeaderName.of("x-envoy-attempt-count");
    private static final HeaderName SET_COOKIE = HeaderName.of("set-cookie");

    private final Exchange exchange;
    final UpstreamClient client;
    private final ClusterState cluster;
    private final ForwardPlan plan;
    private final StreamInfo info;
    private final RequestHead head;
    private final RequestBody body = new RequestBody();
    private final long bufferLimit;
    private UpstreamTimeouts timeouts;
    private @Nullable Retries retries;
    private @Nullable Mirrors mirrors;
    private @Nullable UpstreamTry current;
    private List<Host> tried = List.of();
    private @Nullable Headers trailers;
    private @Nullable String setCookie;
    private @Nullable Long hash;
    private @Nullable ScheduledFuture<?> tryTimer;
    private @Nullable ScheduledFuture<?> backoff;
    private boolean requestEnded;
    private boolean headReceived;
    private boolean paused;
    private boolean over;
    private boolean permit;
    private boolean retryPermit;

    UpstreamRequest(Exchange exchange, UpstreamClient client, ClusterState cluster, ForwardPlan plan) {
        this.exchange = exchange;
        this.client = client;
        this.cluster = cluster;
        this.plan = plan;
        info = exchange.info();
        head = exchange.request;
        bufferLimit = exchange.connection.downstream.listener().bufferLimitBytes();
        timeouts = UpstreamTimeouts.NONE;
    }

    /** {@code bodyFollows}: some of it has come before, while a filter waited. */
    void start(boolean bodyFollows) {
        requestEnded = exchange.requestEnded() && !bodyFollows;
        timeouts = UpstreamTimeouts.of(plan.model(), head);
        retries = Retries.of(plan, head);
        RouteDecision decision = exchange.filters().decision;
        boolean envoyHeaders = !exchange.program.suppressEnvoyHeaders;
        if (decision != null) {
            decision.finishRequest(head, exchange.filters().log, envoyHeaders);
        }
        if (envoyHeaders) {
            timeouts.expect(head.headers());
        }
        InetSocketAddress remote = info.remote;
        if (plan.hashes()) {
            hash = plan.hash(head, remote == null ? info.connection.directRemote() : remote, cookie -> setCookie = cookie);
        }
        if (!plan.model().mirrors().isEmpty()) {
            mirrors = Mirrors.start(exchange, plan.model().mirrors(), requestEnded);
        }
        if (requestEnded) {
            startGlobalTimer();
        }
        attempt();
    }

    private void startGlobalTimer() {
        if (timeouts.globalNanos() > 0 && !over) {
            exchange.timers.answerWithin(timeouts.globalNanos());
        }
    }

    // ---- tries

    private void attempt() {
        RetryPolicy policy = plan.model().retry();
        int reselections = policy != null && policy.avoidPreviousHosts() ? policy.hostSelectionAttempts() : 0;
        Map<String, String> subset = exchange.filters().decision == null ? Map.of() : exchange.filters().decision.metadataMatch();
        InetSocketAddress original = info.connection.destinationRestored() ? info.connection.destination() : null;
        boolean plain = hash == null && original == null && reselections == 0 && subset.isEmpty();
        PickContext context = plain ? PickContext.PLAIN : new PickContext(hash, original, reselections > 0 ? tried : List.of(), reselections, subset);
        Host host = cluster.warm() ? cluster.pick(context) : null;
        info.attempts++;
        if (host == null) {
            cluster.stats().upstreamCxNoneHealthy.inc();
            cluster.stats().answered(503);
            finish();
            client.reply(new LocalReply(503, "no healthy upstream", "no_healthy_upstream", ResponseFlag.UH));
            return;
        }
        UpstreamTry next = new UpstreamTry(this, host, info);
        next.recordHost();
        if (!cluster.tryRequest(plan.model().priority())) {
            cluster.stats().upstreamRqPendingOverflow.inc();
            onTryFailed(next, StreamReset.OVERFLOW, "", false);
            return;
        }
        permit = true;
        current = next;
        host.begin();
        cluster.stats().upstreamRqTotal.inc();
        cluster.stats().upstreamRqActive.inc();
        if (timeouts.perTryNanos() > 0) {
            tryTimer = exchange.loop().schedule(this::onTryTimeout, timeouts.perTryNanos(), TimeUnit.NANOSECONDS);
        }
        if (plan.countsUpstream()) {
            head.headers().set(ATTEMPT_COUNT, info.attempts);
        }
        if (plan.model().hostRewrite() instanceof RouteAction.HostRewrite.Auto && !host.endpoint().hostname().isEmpty()) {
            head.authority(host.endpoint().hostname());
        }
        String sni = cluster.model().http().autoSni() ? RouteTable.withoutPort(head.authority()) : "";
        next.waiting(exchange.program.environment.pools().pool(exchange.loop())
                .stream(host.origin(), UpstreamTry.http2(cluster, exchange.connection.http2()), exchange.filters().alpn, sni, next, next));
    }

    void onStream(UpstreamTry from, HttpStream.Request stream) {
        if (from != current) {
            return;
        }
        info.firstUpstreamTxNanos = System.nanoTime();
        info.upstreamHeaderBytesSent += head.headers().byteLength();
        boolean keep = keeps();
        boolean bare = requestEnded && body.isEmpty() && trailers == null;
        stream.sendHead(head, bare);
        if (keep) {
            int left = body.count();
            for (ByteBuf piece : body.pieces()) {
                write(stream, piece.retainedDuplicate(), requestEnded && --left == 0 && trailers == null);
            }
        } else {
            ByteBuf piece = body.poll();
            while (piece != null) {
                write(stream, piece, requestEnded && body.isEmpty() && trailers == null);
                piece = body.poll();
            }
        }
        Headers last = trailers;
        if (last != null) {
            stream.sendTrailers(last);
        }
        if (requestSent()) {
            info.lastUpstreamTxNanos = System.nanoTime();
        }
        balance(stream);
    }

    private void write(HttpStream.Request stream, ByteBuf data, boolean end) {
        info.upstreamBytesSent += data.readableBytes();
        stream.sendData(data, end);
    }

    boolean requestSent() {
        return requestEnded;
    }

    private boolean keeps() {
        return retries != null && !headReceived;
    }

    // ---- the request's body

    void sendData(ByteBuf data, boolean end) {
        requestEnded |= end;
        if (mirrors != null) {
            mirrors.data(data, end);
        }
        if (over) {
            data.release();
            return;
        }
        HttpStream.Request stream = current == null ? null : current.stream;
        if (keeps() && body.size() + data.readableBytes() > bufferLimit && stream != null) {
            retries = null;
            body.release();
        }
        if (stream == null) {
            body.add(data);
        } else {
            if (keeps()) {
                body.add(data.retainedDuplicate());
            }
            write(stream, data, end);
            info.lastUpstreamTxNanos = System.nanoTime();
        }
        balance(stream);
        if (end) {
            startGlobalTimer();
        }
    }

    void sendTrailers(Headers received) {
        requestEnded = true;
        if (mirrors != null) {
            mirrors.end();
        }
        HttpStream.Request stream = current == null ? null : current.stream;
        if (stream == null || keeps()) {
            Headers copy = new Headers();
            copy.copyFrom(received);
            trailers = copy;
        }
        if (stream != null) {
            stream.sendTrailers(received);
        }
        startGlobalTimer();
    }

    /** Back-pressure towards the client: by what waits here, or by the stream's own buffer. */
    private void balance(HttpStream.@Nullable Request stream) {
        boolean full = stream == null ? body.size() >= bufferLimit : !stream.isWritable();
        if (full != paused) {
            paused = full;
            client.pauseClient(full);
        }
    }

    void onWritable(UpstreamTry from) {
        if (from == current && from.stream != null) {
            balance(from.stream);
        }
    }

    void pauseResponse(boolean pause) {
        UpstreamTry from = current;
        HttpStream.Request stream = from == null ? null : from.stream;
        if (stream != null) {
            stream.pauseReading(pause);
        }
    }

    // ---- the answer

    void onResponseHead(UpstreamTry from, ResponseHead answer, boolean end) {
        if (from != current) {
            return;
        }
        int status = answer.status();
        cluster.report(from.host, status);
        Retries policy = retries;
        if (policy != null && policy.wanted(answer) && retry(from, policy)) {
            cluster.stats().answered(status);
            return;
        }
        headReceived = true;
        if (retryPermit) {
            cluster.stats().upstreamRqRetrySuccess.inc();
        }
        dropRetries();
        cluster.stats().answered(status);
        if (!exchange.program.suppressEnvoyHeaders && exchange.requestEnded()) {
            long millis = (System.nanoTime() - info.lastRequestByteNanos) / 1_000_000;
            answer.headers().set(SERVICE_TIME, millis);
        }
        if (plan.countsDownstream()) {
            answer.headers().set(ATTEMPT_COUNT, info.attempts);
        }
        String cookie = setCookie;
        if (cookie != null) {
            answer.headers().add(SET_COOKIE, cookie);
        }
        if (status == 101) {
            stopTimers();
        }
        if (end) {
            finishTry(from, status < 500);
            finish();
        }
        client.onResponse(answer, end);
    }

    void onResponseData(UpstreamTry from, ByteBuf data, boolean end) {
        if (from != current) {
            data.release();
            return;
        }
        if (end) {
            info.lastUpstreamRxNanos = System.nanoTime();
            finishTry(from, info.responseCode < 500);
            finish();
        }
        client.onResponseData(data, end);
    }

    void onResponseTrailers(UpstreamTry from, Headers received) {
        if (from != current) {
            return;
        }
        info.lastUpstreamRxNanos = System.nanoTime();
        finishTry(from, info.responseCode < 500);
        finish();
        client.onResponseTrailers(received);
    }

    // ---- failures

    void onTryFailed(UpstreamTry from, StreamReset reason, String details, boolean connecting) {
        if (over) {
            return;
        }
        if (reason != StreamReset.OVERFLOW) {
            cluster.report(from.host, -1);
            cluster.stats().upstreamRqRxReset.inc();
        }
        if (connecting) {
            info.upstreamTransportFailure = details;
        }
        Retries policy = retries;
        if (!headReceived && policy != null && policy.wanted(reason, from.begun) && retry(from, policy)) {
            return;
        }
        finishTry(from, false);
        finish();
        ResponseFlag flag = UpstreamFailures.flag(reason);
        if (headReceived) {
            client.onResponseBroken(flag, UpstreamFailures.details(true, reason, details));
        } else {
            LocalReply reply = UpstreamFailures.reply(reason, details, info.attempts, flag);
            cluster.stats().answered(reply.status());
            client.reply(reply);
        }
    }

    /** Whether another try is under way. */
    private boolean retry(UpstreamTry from, Retries policy) {
        if (policy.exhausted()) {
            cluster.stats().upstreamRqRetryLimitExceeded.inc();
            info.flag(ResponseFlag.URX);
            return false;
        }
        long wait = policy.nextBackoffNanos();
        if (retryPermit) {
            cluster.releaseRetry(plan.model().priority());
            retryPermit = false;
        }
        if (!cluster.tryRetry(plan.model().priority())) {
            cluster.stats().upstreamRqRetryOverflow.inc();
            info.flag(ResponseFlag.UO);
            return false;
        }
        retryPermit = true;
        cluster.stats().upstreamRqRetry.inc();
        if (tried.isEmpty()) {
            tried = new ArrayList<>(2);
        }
        tried.add(from.host);
        finishTry(from, false);
        from.cancel();
        backoff = exchange.loop().schedule(() -> {
            backoff = null;
            if (!over) {
                attempt();
            }
        }, wait, TimeUnit.NANOSECONDS);
        return true;
    }

    void onGlobalTimeout() {
        if (!over) {
            cluster.stats().upstreamRqTimeout.inc();
            timedOut("response_timeout");
        }
    }

    private void onTryTimeout() {
        tryTimer = null;
        UpstreamTry from = current;
        if (over || from == null || headReceived) {
            return;
        }
        cluster.stats().upstreamRqPerTryTimeout.inc();
        cluster.report(from.host, 504);
        Retries policy = retries;
        if (policy == null || !policy.wanted(StreamReset.LOCAL_RESET, from.begun) || !retry(from, policy)) {
            timedOut("upstream_per_try_timeout");
        }
    }

    private void timedOut(String details) {
        UpstreamTry from = current;
        if (from != null) {
            cluster.stats().upstreamRqTxReset.inc();
            finishTry(from, false);
            from.cancel();
        }
        finish();
        if (headReceived) {
            client.onResponseBroken(ResponseFlag.UT, details);
        } else {
            cluster.stats().answered(504);
            client.reply(new LocalReply(504, "upstream request timeout", details, ResponseFlag.UT));
        }
    }

    /** The client is gone, or was answered otherwise. */
    void cancel() {
        if (over) {
            return;
        }
        UpstreamTry from = current;
        if (from != null) {
            cluster.stats().upstreamRqCancelled.inc();
            finishTry(from, true);
            from.cancel();
        }
        finish();
    }

    // ---- endings

    private void finishTry(UpstreamTry from, boolean success) {
        tryTimer = stopped(tryTimer);
        if (permit) {
            permit = false;
            cluster.releaseRequest(plan.model().priority());
            from.host.end(success);
            cluster.stats().upstreamRqActive.dec();
            cluster.stats().upstreamRqTime.record(from.elapsedMillis());
        }
        if (!from.receiving() && !requestEnded) {
            return;
        }
        current = null;
    }

    private void dropRetries() {
        retries = null;
        if (current != null && current.stream != null) {
            body.release();
        }
    }

    private void stopTimers() {
        exchange.timers.answered();
        tryTimer = stopped(tryTimer);
        backoff = stopped(backoff);
    }

    private static @Nullable ScheduledFuture<?> stopped(@Nullable ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
        return null;
    }

    private void finish() {
        over = true;
        stopTimers();
        body.release();
        if (mirrors != null && !requestEnded) {
            mirrors.drop();
        }
        UpstreamTry from = current;
        current = null;
        if (from != null && !requestEnded) {
            // answered before the request was complete: the rest is not wanted
            from.cancel();
        }
        if (retryPermit) {
            retryPermit = false;
            cluster.releaseRetry(plan.model().priority());
        }
    }
}
