package dev.outrider.dns.query;

import dev.outrider.dns.wire.Rcode;
import dev.outrider.dns.wire.RecordType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts of answers by zone, type, response code and source, and of their time by source. Every label value comes from this code or
 * from the configuration, none from a question. One writer (the DNS loop), any reader.
 */
public final class DnsMetrics {

    /** Upper bounds of the time buckets in microseconds; one more bucket holds the rest. */
    public static final List<Integer> BUCKET_MICROS =
            List.of(50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000);

    private static final int[] TYPES = {
        RecordType.A, RecordType.AAAA, RecordType.CNAME, RecordType.HTTPS, RecordType.MX, RecordType.NS, RecordType.PTR, RecordType.SOA,
        RecordType.SRV, RecordType.TXT, RecordType.ANY
    };
    private static final int[] RCODES = {
        Rcode.NOERROR, Rcode.FORMERR, Rcode.SERVFAIL, Rcode.NXDOMAIN, Rcode.NOTIMP, Rcode.REFUSED, Rcode.BADVERS
    };
    private static final int SOURCES = Source.values().length;
    private static final int[] BOUNDS = BUCKET_MICROS.stream().mapToInt(Integer::intValue).toArray();

    /** Things counted without further labels. */
    public enum Event {
        /** Packets that got no reply: no query at all, or too short. */
        DROPPED,
        /** Questions refused because too many were waiting. */
        OVER_LIMIT,
        /** Public names that resolved into the mesh's address range. */
        REBINDING,
        TRUNCATED,
        PREFETCH,
        /** Peers outside the access list. */
        FORBIDDEN,
        TCP_CONNECTION,
        TCP_REFUSED
    }

    /** One row of counts. */
    public record Count(String zone, String type, String rcode, String source, long value) {}

    /** Times of one source; {@code buckets} are not cumulative. */
    public record Timing(String source, List<Long> buckets, long sumMicros) {}

    private final ZoneMap zones;
    private final AtomicLongArray answers;
    private final AtomicLongArray times = new AtomicLongArray(SOURCES * (BOUNDS.length + 2));
    private final AtomicLongArray events = new AtomicLongArray(Event.values().length);

    public DnsMetrics(ZoneMap zones) {
        this.zones = zones;
        answers = new AtomicLongArray(zones.size() * (TYPES.length + 1) * (RCODES.length + 1) * SOURCES);
    }

    void answered(Outcome outcome, int type, int rcode, long nanos) {
        int source = outcome.source().ordinal();
        int index = ((outcome.zone() * (TYPES.length + 1) + indexOf(TYPES, type)) * (RCODES.length + 1) + indexOf(RCODES, rcode))
                * SOURCES + source;
        increment(answers, index, 1);
        int micros = (int) Math.min(nanos / 1000, Integer.MAX_VALUE);
        int bucket = 0;
        while (bucket < BOUNDS.length && micros > BOUNDS[bucket]) {
            bucket++;
        }
        int base = source * (BOUNDS.length + 2);
        increment(times, base + bucket, 1);
        increment(times, base + BOUNDS.length + 1, micros);
    }

    public void count(Event event) {
        increment(events, event.ordinal(), 1);
    }

    private static void increment(AtomicLongArray array, int index, long by) {
        // One writer: an ordered store is enough and costs no locked instruction.
        array.lazySet(index, array.getPlain(index) + by);
    }

    private static int indexOf(int[] known, int value) {
        for (int i = 0; i < known.length; i++) {
            if (known[i] == value) {
                return i;
            }
        }
        return known.length;
    }

    public long get(Event event) {
        return events.get(event.ordinal());
    }

    /** Rows that are not zero. */
    public List<Count> counts() {
        List<Count> rows = new ArrayList<>();
        Source[] sources = Source.values();
        for (int i = 0; i < answers.length(); i++) {
            long value = answers.get(i);
            if (value == 0) {
                continue;
            }
            int rest = i / sources.length;
            int rcode = rest % (RCODES.length + 1);
            rest /= RCODES.length + 1;
            int type = rest % (TYPES.length + 1);
            rows.add(new Count(
                    zones.get(rest / (TYPES.length + 1)).name(),
                    type < TYPES.length ? RecordType.name(TYPES[type]) : "other",
                    rcode < RCODES.length ? Rcode.name(RCODES[rcode]) : "other",
                    sources[i % sources.length].label(),
                    value));
        }
        return rows;
    }

    public List<Timing> timings() {
        List<Timing> rows = new ArrayList<>();
        for (Source source : Source.values()) {
            int base = source.ordinal() * (BOUNDS.length + 2);
            List<Long> buckets = new ArrayList<>();
            for (int i = 0; i <= BOUNDS.length; i++) {
                buckets.add(times.get(base + i));
            }
            rows.add(new Timing(source.label(), List.copyOf(buckets), times.get(base + BOUNDS.length + 1)));
        }
        return rows;
    }
}
