package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.datapath.filter.FilterContext.LocalReply;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Gauge;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.HttpFilter.FaultPolicy;
import dev.outrider.xds.model.HttpFilter.PerRoute;
import dev.outrider.xds.model.match.Matchers;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** envoy.filters.http.fault: delays, then aborts, a share of requests. Immutable but for its counters. */
public final class Fault implements FilterStep {

    private final String name;
    private final @Nullable FaultPolicy policy;
    private final Counter delays;
    private final Counter aborts;
    private final Counter overflow;
    private final Gauge active;

    public Fault(HttpFilter.Fault model, Stats stats, String statPrefix) {
        name = model.name();
        policy = model.policy();
        delays = stats.counter(statPrefix + "fault.delays_injected");
        aborts = stats.counter(statPrefix + "fault.aborts_injected");
        overflow = stats.counter(statPrefix + "fault.faults_overflow");
        active = stats.gauge(statPrefix + "fault.active_faults");
    }

    @Override
    public Verdict onRequest(FilterContext context) {
        PerRoute config = context.perRoute(name);
        FaultPolicy fault = config instanceof PerRoute.FaultPerRoute(FaultPolicy own) ? own : config instanceof PerRoute.Disabled ? null : policy;
        if (fault == null || !applies(fault, context)) {
            return Verdict.NEXT;
        }
        if (fault.delayNanos() > 0 && drawn(fault.delayShare()) && admitted(fault)) {
            delays.inc();
            active.inc();
            context.info.flag(ResponseFlag.DI);
            ScheduledFuture<?> timer = context.flow.loop().schedule(() -> afterDelay(fault, context), fault.delayNanos(), TimeUnit.NANOSECONDS);
            context.onCancel = () -> {
                timer.cancel(false);
                active.dec();
            };
            return Verdict.WAIT;
        }
        return abort(fault, context) ? Verdict.STOP : Verdict.NEXT;
    }

    private void afterDelay(FaultPolicy fault, FilterContext context) {
        context.onCancel = null;
        active.dec();
        if (!abort(fault, context)) {
            context.flow.resume();
        }
    }

    private boolean admitted(FaultPolicy fault) {
        if (fault.maxActiveFaults() > 0 && active.value() >= fault.maxActiveFaults()) {
            overflow.inc();
            return false;
        }
        return true;
    }

    private boolean abort(FaultPolicy fault, FilterContext context) {
        if (fault.abortHttpStatus() <= 0 && fault.abortGrpcStatus() < 0 || !drawn(fault.abortShare())) {
            return false;
        }
        aborts.inc();
        int status = fault.abortGrpcStatus() >= 0 ? 200 : fault.abortHttpStatus();
        context.flow.reply(new LocalReply(
                status, "fault filter abort", fault.abortGrpcStatus(), "fault_filter_abort", ResponseFlag.FI, java.util.List.of()));
        return true;
    }

    private static boolean applies(FaultPolicy fault, FilterContext context) {
        if (!fault.upstreamCluster().isEmpty()
                && (context.decision == null || !context.decision.cluster().equals(fault.upstreamCluster()))) {
            return false;
        }
        for (Matchers.Header header : fault.headers()) {
            if (!new HeaderMatch(header).matches(context.request)) {
                return false;
            }
        }
        return true;
    }

    private static boolean drawn(Matchers.Fraction share) {
        return share.numerator() > 0 && ThreadLocalRandom.current().nextLong(share.denominator()) < share.numerator();
    }
}
