package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.datapath.upstream.Alarm;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.HttpConnectionManager.Timeouts;
import dev.outrider.xds.model.RouteAction;

/** Time limits of one exchange: idle stream, whole request, whole stream, answer. Those of the connection's next request as well. */
final class ExchangeTimers {

    private final Exchange exchange;
    private final Alarm idle;
    private final Alarm request;
    private final Alarm duration;
    private final Alarm answer;
    private long idleNanos;

    ExchangeTimers(Exchange exchange) {
        this.exchange = exchange;
        idle = new Alarm(exchange.loop(), this::idle);
        request = new Alarm(exchange.loop(), this::requestTimeout);
        duration = new Alarm(exchange.loop(), this::tooLong);
        answer = new Alarm(exchange.loop(), exchange::unanswered);
    }

    void start(Timeouts model) {
        idleNanos = model.streamIdleNanos();
        if (idleNanos > 0) {
            idle.set(idleNanos);
        }
        if (model.requestNanos() > 0 && !exchange.requestEnded()) {
            request.set(model.requestNanos());
        }
        if (model.maxStreamDurationNanos() > 0) {
            duration.set(model.maxStreamDurationNanos());
        }
    }

    /** The route's own limits take the place of the connection manager's. */
    void route(RouteAction.Forward route) {
        if (route.idleTimeoutNanos() >= 0 && route.idleTimeoutNanos() != idleNanos) {
            idleNanos = route.idleTimeoutNanos();
            if (idleNanos > 0) {
                idle.set(idleNanos);
            } else {
                idle.clear();
            }
        }
        if (route.maxStreamDurationNanos() > 0) {
            duration.set(route.maxStreamDurationNanos());
        }
    }

    void active() {
        if (idleNanos > 0) {
            idle.set(idleNanos);
        }
        if (request.isSet() && exchange.requestEnded()) {
            request.clear();
        }
    }

    /** The request is complete: its answer is due. */
    void answerWithin(long nanos) {
        answer.set(nanos);
    }

    void answered() {
        answer.clear();
    }

    void stop() {
        idle.clear();
        request.clear();
        duration.clear();
        answer.clear();
        idleNanos = 0;
    }

    /** No request follows. */
    void close() {
        idle.close();
        request.close();
        duration.close();
        answer.close();
    }

    private void idle() {
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
