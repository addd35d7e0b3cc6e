package dev.outrider.dns.forward;

import java.net.InetSocketAddress;

/** One upstream resolver and how it fares. Confined to the DNS loop; {@link #state} makes a copy for others. */
public final class Resolver {

    private static final int FAILURES_TO_DOWN = 3;
    private static final long FIRST_PAUSE_NANOS = 1_000_000_000L;
    private static final int MAX_PAUSE_DOUBLINGS = 5;

    private final InetSocketAddress address;
    private int failuresInRow;
    private long downUntilNanos;
    private boolean edns = true;
    private boolean looping;
    private long answers;
    private long failures;
    private long mismatches;
    private long roundTripNanos;
    private String lastError = "";

    Resolver(InetSocketAddress address) {
        this.address = address;
    }

    public InetSocketAddress address() {
        return address;
    }

    /** A copy of the counters. */
    public record State(
            String address, boolean healthy, boolean looping, long answers, long failures, long mismatches, long roundTripMicros, String lastError) {}

    State state(long now) {
        return new State(text(), !down(now), looping, answers, failures, mismatches, roundTripNanos / 1000, lastError);
    }

    public String text() {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    void answered(long tookNanos) {
        answers++;
        failuresInRow = 0;
        roundTripNanos = roundTripNanos == 0 ? tookNanos : (roundTripNanos * 7 + tookNanos) / 8;
    }

    void failed(long now, String error) {
        failures++;
        lastError = error;
        failuresInRow++;
        if (failuresInRow >= FAILURES_TO_DOWN) {
            int doublings = Math.min(failuresInRow - FAILURES_TO_DOWN, MAX_PAUSE_DOUBLINGS);
            downUntilNanos = now + (FIRST_PAUSE_NANOS << doublings);
        }
    }

    void mismatched() {
        mismatches++;
    }

    /** Asked last while down; asked first again after the pause, whose length doubles with each further failure. */
    boolean down(long now) {
        return failuresInRow >= FAILURES_TO_DOWN && downUntilNanos - now > 0;
    }

    /** Left out or asked last until it proves better. */
    boolean suspect() {
        return looping || failuresInRow >= FAILURES_TO_DOWN;
    }

    boolean edns() {
        return edns;
    }

    void withoutEdns() {
        edns = false;
    }

    boolean looping() {
        return looping;
    }

    void looping(boolean back) {
        looping = back;
        if (back) {
            lastError = "loop: its questions come back to this shim";
        }
    }
}
