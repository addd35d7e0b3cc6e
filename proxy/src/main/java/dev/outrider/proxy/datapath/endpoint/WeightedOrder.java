package dev.outrider.proxy.datapath.endpoint;

import java.util.Arrays;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Turns by weight: earliest deadline first, as in Envoy's weighted round robin, but unrolled once into a cycle that any loop walks with
 * one atomic increment. Weights are scaled down where the cycle would get long. Starts at a random place.
 */
final class WeightedOrder {

    /** Long enough for shares of a thousandth, short enough to be built in passing. */
    private static final int LONGEST_CYCLE = 4096;

    private final int count;
    /** Null where all weights are equal. */
    private final int @Nullable [] cycle;
    private final AtomicInteger turn;

    WeightedOrder(long[] weights) {
        count = weights.length;
        cycle = uniform(weights) ? null : unroll(scaled(weights));
        turn = new AtomicInteger(ThreadLocalRandom.current().nextInt(Integer.MAX_VALUE));
    }

    int next() {
        int[] order = cycle;
        int at = turn.getAndIncrement() & Integer.MAX_VALUE;
        return order == null ? at % count : order[at % order.length];
    }

    static boolean uniform(long[] weights) {
        return Arrays.stream(weights).allMatch(w -> w == weights[0]);
    }

    private static long[] scaled(long[] weights) {
        long divisor = Arrays.stream(weights).reduce(0, WeightedOrder::gcd);
        double total = Arrays.stream(weights).asDoubleStream().sum() / divisor;
        double cap = Math.max(LONGEST_CYCLE, 4L * weights.length);
        double shrink = total > cap ? divisor * (total / cap) : divisor;
        return Arrays.stream(weights).map(w -> Math.max(1, Math.round(w / shrink))).toArray();
    }

    private static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    private static int[] unroll(long[] weights) {
        record Turn(double deadline, int index) {}
        var queue = new PriorityQueue<Turn>(Comparator.comparingDouble(Turn::deadline).thenComparingInt(Turn::index));
        for (int i = 0; i < weights.length; i++) {
            queue.add(new Turn(1.0 / weights[i], i));
        }
        int[] order = new int[Math.toIntExact(Arrays.stream(weights).sum())];
        for (int at = 0; at < order.length; at++) {
            Turn first = queue.remove();
            order[at] = first.index;
            queue.add(new Turn(first.deadline + 1.0 / weights[first.index], first.index));
        }
        return order;
    }
}
