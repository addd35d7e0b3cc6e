package dev.outrider.dns.query;

import dev.outrider.dns.cache.AnswerCache;
import dev.outrider.dns.forward.Forwarder;
import dev.outrider.dns.forward.Resolver;
import dev.outrider.dns.wire.Rcode;
import dev.outrider.dns.wire.UpstreamAnswer;
import dev.outrider.dns.wire.UpstreamQuestion;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Clients that wait for resolvers: bounded in all and per peer. Confined to the DNS loop. */
final class Waiting {

    /** RFC 8767 §5: how long a client is kept before it gets what is known, if stale. */
    private static final int STALE_AFTER_MILLIS = 1800;

    private final QueryEngine engine;
    private final Forwarder forwarder;
    private final Answering limits;
    private final LongSupplier clock;
    private final Map<InetAddress, Integer> perPeer = new HashMap<>();
    private int size;

    Waiting(QueryEngine engine, Forwarder forwarder, Answering limits, LongSupplier clock) {
        this.engine = engine;
        this.forwarder = forwarder;
        this.limits = limits;
        this.clock = clock;
    }

    int size() {
        return size;
    }

    /** Returns false when there are too many already. */
    boolean ask(
            Zone zone, UpstreamQuestion question, byte[] packet, ReplyTarget target, long started, AnswerCache.@Nullable Entry stale) {
        InetAddress peer = target.peer();
        int ofPeer = perPeer.getOrDefault(peer, 0);
        if (size >= limits.maxWaiting() || ofPeer >= limits.maxWaitingPerPeer()) {
            return false;
        }
        Client client = new Client(packet, target.detach(), started, stale);
        size++;
        perPeer.put(peer, ofPeer + 1);
        if (stale != null) {
            client.timer = executor().schedule(client::serveStale, STALE_AFTER_MILLIS, TimeUnit.MILLISECONDS);
        }
        if (!forwarder.ask(zone.group(), question, client)) {
            client.leave();
            return false;
        }
        return true;
    }

    /** Fetches anew what many ask for, before it expires; nobody waits for it. */
    void refresh(Zone zone, UpstreamQuestion question) {
        boolean unused = forwarder.ask(zone.group(), question, (answer, by, error) -> { });
    }

    private EventExecutor executor() {
        return forwarder.executor();
    }

    private final class Client implements Forwarder.Waiter {

        private final byte[] packet;
        private final ReplyTarget target;
        private final long started;
        private final AnswerCache.@Nullable Entry stale;
        private @Nullable ScheduledFuture<?> timer;
        private boolean done;

        Client(byte[] packet, ReplyTarget target, long started, AnswerCache.@Nullable Entry stale) {
            this.packet = packet;
            this.target = target;
            this.started = started;
            this.stale = stale;
        }

        @Override
        public void answered(@Nullable UpstreamAnswer answer, @Nullable Resolver by, int extendedError) {
            if (done) {
                return;
            }
            boolean useful = answer != null && (answer.rcode() == Rcode.NOERROR || answer.rcode() == Rcode.NXDOMAIN);
            if (!useful && stale != null) {
                serveStale();
                return;
            }
            leave();
            if (answer != null && by != null) {
                engine.resume(packet, target, started, answer, by.text(), -1);
            } else {
                engine.fail(packet, target, started, extendedError);
            }
        }

        void serveStale() {
            AnswerCache.Entry entry = stale;
            if (!done && entry != null) {
                leave();
                long now = clock.getAsLong();
                entry.refreshFailed(now);
                engine.resume(packet, target, started, entry.answer(), entry.resolver(), entry.ageSeconds(now));
            }
        }

        void leave() {
            done = true;
            if (timer != null) {
                timer.cancel(false);
            }
            size--;
            perPeer.computeIfPresent(target.peer(), (peer, count) -> count == 1 ? null : count - 1);
        }
    }
}
