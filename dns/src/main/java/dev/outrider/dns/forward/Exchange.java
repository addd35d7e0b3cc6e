package dev.outrider.dns.forward;

import dev.outrider.dns.wire.ExtendedError;
import dev.outrider.dns.wire.Rcode;
import dev.outrider.dns.wire.UpstreamAnswer;
import dev.outrider.dns.wire.UpstreamQuestion;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One question on its way to a group of resolvers: the first asked at once, the next when 200 ms bring no reply (or at once on an
 * error), the first good answer wins. Ends once, within {@link #DEADLINE_MILLIS}. Confined to the DNS loop.
 */
final class Exchange {

    /** When another try starts: the hedge, then two repeats for lost packets. */
    private static final int[] TRY_AT_MILLIS = {200, 1000, 2500};

    /** Half a second below the five after which common stub resolvers give up. */
    static final int DEADLINE_MILLIS = 4500;

    /** How an exchange ended. */
    interface Listener {
        /**
         * @param answer null when nobody answered
         * @param by who answered
         * @param extendedError why there is no answer
         */
        void ended(@Nullable UpstreamAnswer answer, @Nullable Resolver by, int extendedError);
    }

    private final Forwarder forwarder;
    private final UpstreamQuestion question;
    private final List<Resolver> resolvers;
    private final Listener listener;
    private final List<Attempt> live = new ArrayList<>(2);
    private @Nullable ScheduledFuture<?> timer;
    private @Nullable UpstreamAnswer failureAnswer;
    private @Nullable Resolver failureBy;
    private int started;
    private int ticks;
    private boolean over;

    Exchange(Forwarder forwarder, UpstreamQuestion question, List<Resolver> resolvers, Listener listener) {
        this.forwarder = forwarder;
        this.question = question;
        this.resolvers = resolvers;
        this.listener = listener;
    }

    void start() {
        if (resolvers.isEmpty()) {
            end(null, null, ExtendedError.NO_REACHABLE_AUTHORITY);
            return;
        }
        schedule();
        next();
    }

    private void schedule() {
        int now = ticks == 0 ? 0 : TRY_AT_MILLIS[ticks - 1];
        int at = ticks < TRY_AT_MILLIS.length ? TRY_AT_MILLIS[ticks] : DEADLINE_MILLIS;
        timer = forwarder.loop().schedule(this::tick, at - now, TimeUnit.MILLISECONDS);
    }

    private void tick() {
        if (ticks++ == TRY_AT_MILLIS.length) {
            long now = forwarder.now();
            for (Attempt attempt : live) {
                attempt.resolver().failed(now, "no reply to " + started + " tries within " + DEADLINE_MILLIS + " ms");
            }
            end(failureAnswer, failureBy, ExtendedError.NO_REACHABLE_AUTHORITY);
            return;
        }
        schedule();
        if (forwarder.hasSpareSockets()) {
            forwarder.counters().add(ForwardCounters.Event.HEDGE);
            next();
        }
    }

    private void next() {
        Resolver resolver = resolvers.get(started++ % resolvers.size());
        Attempt attempt = new Attempt(this, resolver, forwarder);
        live.add(attempt);
        attempt.startUdp();
    }

    UpstreamQuestion question() {
        return question;
    }

    boolean over() {
        return over;
    }

    void answered(Attempt attempt, UpstreamAnswer answer) {
        if (over) {
            return;
        }
        attempt.resolver().answered(forwarder.now() - attempt.startedNanos());
        live.remove(attempt);
        boolean usable = answer.rcode() == Rcode.NOERROR || answer.rcode() == Rcode.NXDOMAIN;
        if (usable) {
            blameTheSlow();
            end(answer, attempt.resolver(), ExtendedError.NONE);
            return;
        }
        failureAnswer = answer;
        failureBy = attempt.resolver();
        tryElsewhere(ExtendedError.NO_REACHABLE_AUTHORITY);
    }

    /** Who was asked first and still has not replied when the hedge has: three of these in a row, and it is asked last. */
    private void blameTheSlow() {
        long now = forwarder.now();
        for (Attempt attempt : live) {
            if (now - attempt.startedNanos() >= TimeUnit.MILLISECONDS.toNanos(TRY_AT_MILLIS[0])) {
                attempt.resolver().failed(now, "slower than the resolver asked 200 ms later");
            }
        }
    }

    void failed(Attempt attempt, String error) {
        if (over) {
            return;
        }
        attempt.resolver().failed(forwarder.now(), error);
        live.remove(attempt);
        tryElsewhere(ExtendedError.NETWORK_ERROR);
    }

    private void tryElsewhere(int extendedError) {
        if (started < resolvers.size()) {
            next();
        } else if (live.isEmpty()) {
            end(failureAnswer, failureBy, extendedError);
        }
    }

    private void end(@Nullable UpstreamAnswer answer, @Nullable Resolver by, int extendedError) {
        if (over) {
            return;
        }
        over = true;
        if (timer != null) {
            timer.cancel(false);
        }
        for (Attempt attempt : live) {
            attempt.close();
        }
        live.clear();
        listener.ended(answer, by, extendedError);
    }

    /** Ends without an answer, for the shim's stop. */
    void abandon() {
        end(null, null, ExtendedError.NETWORK_ERROR);
    }
}
