package dev.outrider.dns.forward;

import dev.outrider.dns.wire.ExtendedError;
import dev.outrider.dns.wire.ReplyParser;
import dev.outrider.dns.wire.UpstreamAnswer;
import dev.outrider.dns.wire.UpstreamQuestion;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks resolvers, one exchange per question however many clients wait for it: who sends a thousand equal questions gets no thousand chances to have a
 * forged reply accepted. Bounded in exchanges and in waiters of each. Confined to the DNS loop.
 */
public final class Forwarder {

    private static final int MAX_EXCHANGES = 4096;
    private static final int MAX_WAITERS = 1000;

    /** Hedges and repeats take no sockets beyond this many, so that they cannot starve the process of file descriptors. */
    private static final int MAX_SOCKETS = 4096;

    /** Waiters gather behind one exchange for so long at most, so that it cannot be used to hold replies back and release them as one burst (DNSBomb). */
    private static final long GATHER_NANOS = 2_000_000_000L;

    /** Waits for an answer. */
    public interface Waiter {
        /** Called once; {@code answer} is null when nobody answered, and {@code extendedError} says why. */
        void answered(@Nullable UpstreamAnswer answer, @Nullable Resolver by, int extendedError);
    }

    /** Sees each answer once, before the waiters do. */
    public interface AnswerWatcher {
        void answered(UpstreamQuestion question, UpstreamAnswer answer, Resolver by);
    }

    private final Sockets sockets;
    private final LongSupplier clock;
    private final AnswerWatcher watcher;
    private final ForwardCounters counters = new ForwardCounters();
    private final SecureRandom random;
    private final byte[] scratch = new byte[65_535];
    private final ReplyParser parser = new ReplyParser();
    private final Map<UpstreamQuestion, Batch> open = new HashMap<>();
    private final Set<Exchange> running = new HashSet<>();
    private int openSockets;
    private boolean closed;

    public Forwarder(Sockets sockets, LongSupplier nanoClock, AnswerWatcher watcher) {
        this.sockets = sockets;
        this.clock = nanoClock;
        this.watcher = watcher;
        this.random = randomSource();
        // Seeds it here, on the thread that assembles.
        this.random.nextInt();
    }

    private static SecureRandom randomSource() {
        try {
            // Computes in memory, where the default reads /dev/urandom each time: a loop does not read files.
            return SecureRandom.getInstance("DRBG");
        } catch (NoSuchAlgorithmException e) {
            return new SecureRandom();
        }
    }

    /** Returns false, without a call to the waiter, when there is too much in flight already. */
    public boolean ask(ResolverGroup group, UpstreamQuestion question, Waiter waiter) {
        assert loop().inEventLoop();
        Batch batch = open.get(question);
        if (batch != null && now() - batch.startedNanos < GATHER_NANOS) {
            if (batch.waiters.size() >= MAX_WAITERS) {
                counters.add(ForwardCounters.Event.OVER_LIMIT);
                return false;
            }
            counters.add(ForwardCounters.Event.COALESCED);
            batch.waiters.add(waiter);
            return true;
        }
        if (running.size() >= MAX_EXCHANGES || closed) {
            counters.add(ForwardCounters.Event.OVER_LIMIT);
            return false;
        }
        Batch fresh = new Batch(question, now());
        fresh.waiters.add(waiter);
        open.put(question, fresh);
        run(question, group.inOrder(now()), fresh);
        return true;
    }

    /** Asks one resolver, whatever is thought of it, outside coalescing and cache: for the loop probe. */
    void probe(Resolver resolver, UpstreamQuestion question, Consumer<Boolean> answered) {
        run(question, List.of(resolver), (answer, by, error) -> answered.accept(answer != null));
    }

    private void run(UpstreamQuestion question, List<Resolver> resolvers, Exchange.Listener listener) {
        counters.add(ForwardCounters.Event.EXCHANGE);
        Exchange[] self = new Exchange[1];
        Exchange exchange =
                new Exchange(this, question, resolvers, (answer, by, error) -> {
                    running.remove(self[0]);
                    listener.ended(answer, by, error);
                });
        self[0] = exchange;
        running.add(exchange);
        exchange.start();
    }

    /** Ends what is open; waiters are told that there is no answer. */
    public void close() {
        closed = true;
        for (Exchange exchange : new ArrayList<>(running)) {
            exchange.abandon();
        }
    }

    public int exchangesOpen() {
        return running.size();
    }

    public ForwardCounters counters() {
        return counters;
    }

    Sockets sockets() {
        return sockets;
    }

    /** Counts a socket towards a resolver until it closes. */
    void opened(Channel socket) {
        openSockets++;
        socket.closeFuture().addListener(f -> openSockets--);
    }

    boolean hasSpareSockets() {
        return openSockets < MAX_SOCKETS;
    }

    public EventLoop executor() {
        return loop();
    }

    EventLoop loop() {
        return sockets.loop();
    }

    long now() {
        return clock.getAsLong();
    }

    int randomId() {
        return random.nextInt(65_536);
    }

    /** A label of 26 random letters. */
    String randomLabel() {
        StringBuilder label = new StringBuilder(26);
        for (int i = 0; i < 26; i++) {
            label.append((char) ('a' + random.nextInt(26)));
        }
        return label.toString();
    }

    ReplyParser parser() {
        return parser;
    }

    byte[] scratch() {
        return scratch;
    }

    int copyToScratch(ByteBuf from) {
        int length = Math.min(from.readableBytes(), scratch.length);
        from.getBytes(from.readerIndex(), scratch, 0, length);
        return length;
    }

    /** The clients that wait for one exchange. */
    private final class Batch implements Exchange.Listener {

        private final UpstreamQuestion question;
        private final long startedNanos;
        private final List<Waiter> waiters = new ArrayList<>(1);

        Batch(UpstreamQuestion question, long startedNanos) {
            this.question = question;
            this.startedNanos = startedNanos;
        }

        @Override
        public void ended(@Nullable UpstreamAnswer answer, @Nullable Resolver by, int extendedError) {
            open.remove(question, this);
            if (answer != null && by != null) {
                watcher.answered(question, answer, by);
            } else {
                counters.add(ForwardCounters.Event.FAILED);
            }
            int why = answer == null && extendedError == ExtendedError.NONE ? ExtendedError.NETWORK_ERROR : extendedError;
            for (Waiter waiter : waiters) {
                waiter.answered(answer, by, why);
            }
        }
    }
}
