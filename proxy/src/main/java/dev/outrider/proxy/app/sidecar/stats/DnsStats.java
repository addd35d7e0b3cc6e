package dev.outrider.proxy.app.sidecar.stats;

import dev.outrider.dns.DnsShim;
import dev.outrider.dns.forward.ForwardCounters;
import dev.outrider.dns.query.DnsMetrics;
import dev.outrider.proxy.telemetry.Stats;
import java.util.Locale;

/**
 * The shim's counts as statistics, read when somebody looks. Rows appear with their first answer; every label is of the code or the configuration,
 * none of a question.
 */
public final class DnsStats {

    private static final double[] BOUNDS = DnsMetrics.BUCKET_MICROS.stream().mapToDouble(Integer::doubleValue).toArray();

    private DnsStats() {}

    public static void register(Stats stats, DnsShim shim) {
        for (DnsMetrics.Event event : DnsMetrics.Event.values()) {
            stats.counter("outrider_dns_events_total;event=" + word(event), () -> shim.metrics().get(event));
        }
        for (ForwardCounters.Event event : ForwardCounters.Event.values()) {
            stats.counter("outrider_dns_forward_total;event=" + word(event), () -> shim.forwarding().get(event));
        }
        var unused = stats.gauge("outrider_dns_synced", () -> shim.synced() ? 1 : 0);
        stats.beforeReading(() -> collect(stats, shim.metrics()));
    }

    private static void collect(Stats stats, DnsMetrics metrics) {
        for (DnsMetrics.Count row : metrics.counts()) {
            String name = "outrider_dns_answers_total;zone=" + row.zone() + ";type=" + row.type() + ";rcode=" + row.rcode() + ";source=" + row.source();
            stats.counter(name, row::value);
        }
        for (DnsMetrics.Timing row : metrics.timings()) {
            long[] cells = row.buckets().stream().mapToLong(Long::longValue).toArray();
            stats.histogram("outrider_dns_answer_microseconds;source=" + row.source(), BOUNDS, cells, row.sumMicros());
        }
    }

    private static String word(Enum<?> event) {
        return event.name().toLowerCase(Locale.ROOT);
    }
}
