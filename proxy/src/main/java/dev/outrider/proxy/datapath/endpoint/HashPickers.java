package dev.outrider.proxy.datapath.endpoint;

import dev.outrider.proxy.connection.XxHash64;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** The policies that send equal hashes to the same host as long as the host list stands. Without a hash: any host. Any loop. */
final class HashPickers {

    /** Envoy's bound on a ring. */
    private static final long LARGEST_RING = 8_388_608;

    private HashPickers() {}

    private static String key(Host host) {
        String name = host.endpoint().hostname();
        return name.isEmpty() ? host.address().toString() : name + "_" + host.address();
    }

    private static long orRandom(@Nullable Long hash) {
        return hash == null ? ThreadLocalRandom.current().nextLong() : hash;
    }

    /** Envoy's ring: each host stands at hashes of {@code address_i}, as often as its weight asks for. */
    static final class Ring implements HostPicker {
        private final long[] points;
        private final Host[] hosts;

        Ring(List<Host> members, long minSize, long maxSize) {
            long[] weights = SpreadPickers.weights(members);
            double total = Arrays.stream(weights).asDoubleStream().sum();
            double least = Arrays.stream(weights).min().orElse(1) / total;
            double scale = Math.min(Math.ceil(least * (double) minSize) / least, (double) Math.min(Math.max(maxSize, 1), LARGEST_RING));
            record Point(long hash, Host host) {}
            var ring = new ArrayList<Point>();
            double target = 0;
            for (int i = 0; i < weights.length; i++) {
                Host host = members.get(i);
                target += scale * weights[i] / total;
                for (int n = 0; ring.size() < target; n++) {
                    ring.add(new Point(XxHash64.hash((key(host) + "_" + n).getBytes(StandardCharsets.UTF_8)), host));
                }
            }
            ring.sort((a, b) -> Long.compareUnsigned(a.hash, b.hash));
            points = ring.stream().mapToLong(Point::hash).toArray();
            hosts = ring.stream().map(Point::host).toArray(Host[]::new);
        }

        /** The first point at or after the hash, around the end to the first. */
        @Override
        public Host pick(@Nullable Long hash) {
            long wanted = orRandom(hash);
            int low = 0;
            int high = points.length;
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (Long.compareUnsigned(points[middle], wanted) < 0) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return hosts[low == points.length ? 0 : low];
        }
    }

    /** Google's Maglev table (NSDI 2016, §3.4) with weights as in Envoy: a heavier host takes its turn more often. */
    static final class Maglev implements HostPicker {
        private final Host[] table;

        Maglev(List<Host> members, long tableSize) {
            int size = Math.toIntExact(Math.max(tableSize, 1));
            long[] weights = SpreadPickers.weights(members);
            double heaviest = Arrays.stream(weights).max().orElse(1);
            int count = members.size();
            long[] offset = new long[count];
            long[] skip = new long[count];
            long[] next = new long[count];
            double[] due = new double[count];
            for (int i = 0; i < count; i++) {
                byte[] key = key(members.get(i)).getBytes(StandardCharsets.UTF_8);
                offset[i] = Long.remainderUnsigned(XxHash64.hash(key, 0), size);
                skip[i] = size == 1 ? 1 : Long.remainderUnsigned(XxHash64.hash(key, 1), size - 1L) + 1;
            }
            table = new Host[size];
            int filled = 0;
            for (int round = 1; filled < size; round++) {
                for (int i = 0; i < count && filled < size; i++) {
                    if (round * weights[i] < due[i]) {
                        continue;
                    }
                    due[i] += heaviest;
                    int at = slot(offset[i], skip[i], next[i], size);
                    while (table[at] != null) {
                        next[i]++;
                        at = slot(offset[i], skip[i], next[i], size);
                    }
                    table[at] = members.get(i);
                    next[i]++;
                    filled++;
                }
            }
        }

        private static int slot(long offset, long skip, long step, int size) {
            return (int) ((offset + skip * step) % size);
        }

        @Override
        public Host pick(@Nullable Long hash) {
            return table[(int) Long.remainderUnsigned(orRandom(hash), table.length)];
        }
    }
}
