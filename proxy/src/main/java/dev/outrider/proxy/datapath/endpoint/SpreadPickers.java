package dev.outrider.proxy.datapath.endpoint;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The policies that spread load without regard to the request. Any loop. */
final class SpreadPickers {

    private SpreadPickers() {}

    /** In turns, by weight. */
    static final class RoundRobin implements HostPicker {
        private final Host[] hosts;
        private final WeightedOrder order;

        RoundRobin(List<Host> hosts) {
            this.hosts = hosts.toArray(Host[]::new);
            order = new WeightedOrder(weights(hosts));
        }

        @Override
        public Host pick(@Nullable Long hash) {
            return hosts[order.next()];
        }
    }

    /** Uniform: weights do not count, as in Envoy. */
    static final class Random implements HostPicker {
        private final Host[] hosts;

        Random(List<Host> hosts) {
            this.hosts = hosts.toArray(Host[]::new);
        }

        @Override
        public Host pick(@Nullable Long hash) {
            return hosts[ThreadLocalRandom.current().nextInt(hosts.length)];
        }
    }

    /**
     * The least busy of a few. With equal weights the few are random (Envoy's power of two choices). With unequal ones Envoy runs a weighted
     * round robin whose weights sink with {@code (active + 1) ^ bias}; here the few are the next in weighted turns and the least
     * {@code (active + 1) ^ bias / weight} wins: the same shares when idle, the same turning away when busy, without a lock.
     */
    static final class LeastRequest implements HostPicker {
        private final Host[] hosts;
        private final int choices;
        private final double bias;
        private final @Nullable WeightedOrder order;

        LeastRequest(List<Host> hosts, int choices, double bias) {
            this.hosts = hosts.toArray(Host[]::new);
            this.choices = Math.max(2, choices);
            this.bias = bias;
            long[] weights = weights(hosts);
            order = WeightedOrder.uniform(weights) ? null : new WeightedOrder(weights);
        }

        @Override
        public Host pick(@Nullable Long hash) {
            WeightedOrder turns = order;
            return turns == null ? leastOfRandom() : leastOfTurns(turns);
        }

        private Host leastOfRandom() {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            Host best = hosts[random.nextInt(hosts.length)];
            for (int i = 1; i < choices; i++) {
                Host other = hosts[random.nextInt(hosts.length)];
                if (other.active() < best.active()) {
                    best = other;
                }
            }
            return best;
        }

        private Host leastOfTurns(WeightedOrder turns) {
            Host best = hosts[turns.next()];
            if (best.active() == 0) {
                return best;
            }
            for (int i = 1; i < choices; i++) {
                Host other = hosts[turns.next()];
                if (burden(other) < burden(best)) {
                    best = other;
                }
            }
            return best;
        }

        private double burden(Host host) {
            return Math.pow(host.active() + 1.0, bias) / host.endpoint().weight();
        }
    }

    static long[] weights(List<Host> hosts) {
        return hosts.stream().mapToLong(h -> Math.max(1, h.endpoint().weight())).toArray();
    }
}
