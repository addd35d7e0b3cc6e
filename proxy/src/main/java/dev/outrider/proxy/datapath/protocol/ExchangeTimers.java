package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.HttpConnectionManager.Timeouts;
import dev.outrider.xds.model.RouteAction;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Time limits of one exchange on the client's side: idle stream, whole request, whole stream. No timer runs where none is configured. */
final class ExchangeTimers {

    private final Exchange exchange;
    private long idleNanos;
    private long lastActive;
    private @Nullable ScheduledFuture<?> idle;
    private @Nullable ScheduledFuture<?> request;
    private @Nullable ScheduledFuture<?> duration;

    ExchangeTimers(Exchange exchange) {
        this.exchange = exchange;
    }

    void start(Timeouts model) {
        idleNanos = model.streamIdleNanos();
        if (idleNanos > 0) {
            lastActive = System.nanoTime();
            idle = after(idleNanos, this::checkIdle);
        }
        if (model.requestNanos() > 0 && !exchange.requestEnded()) {
            request = after(model.requestNanos(), this::requestTimeout);
        }
        if (model.maxStreamDurationNanos() > 0) {
            duration = after(model.maxStreamDurationNanos(), this::tooLong);
        }
    }

    /** The route's own limits take the place of the connection manager's. */
    void route(RouteAction.Forward route) {
        if (route.idleTimeoutNanos() >= 0 && route.idleTimeoutNanos() != idleNanos) {
            cancel(idle);
            idleNanos = route.idleTimeoutNanos();
            lastActive = System.nanoTime();
            idle = idleNanos > 0 ? after(idleNanos, this::checkIdle) : null;
        }
        if (route.maxStreamDurationNanos() > 0) {
            cancel(duration);
            duration = after(route.maxStreamDurationNanos(), this::tooLong);
        }
    }

    void active() {
        if (idleNanos > 0) {
            lastActive = System.nanoTime();
        }
        if (request != null && exchange.requestEnded()) {
            cancel(request);
            request = null;
        }
    }

    void stop() {
        cancel(idle);
        cancel(request);
        cancel(duration);
        idle = null;
        request = null;
        duration = null;
        idleNanos = 0;
    }

    private ScheduledFuture<?> after(long nanos, Runnable task) {
        return exchange.loop().schedule(task, nanos, TimeUnit.NANOSECONDS);
    }

    private static void cancel(@Nullable ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void checkIdle() {
        long left = idleNanos - (System.nanoTime() - lastActive);
        if (left > 0) {
            idle = after(left, this::checkIdle);
            return;
        }
        exchange.program.stats.rqIdleTimeout.inc();
        expire("stream timeout", "stream_idle_timeout", ResponseFlag.SI);
    }

    private void requestTimeout() {
        exchange.program.stats.rqTimeout.inc();
        exchange.reply(new LocalReply(408, "request timeout", "request_overall_timeout", null));
    }

    private void tooLong() {
        exchange.program.stats.rqMaxDuration.inc();
        expire("downstream duration timeout", "max_duration_timeout", ResponseFlag.DT);
    }

    private void expire(String body, String details, ResponseFlag flag) {
        if (exchange.responseStarted()) {
            exchange.info().flag(flag);
            exchange.info().responseCodeDetails = details;
            exchange.abort(StreamReset.LOCAL_RESET);
        } else {
            exchange.reply(new LocalReply(exchange.requestEnded() ? 504 : 408, body, details, flag));
        }
    }
}
