package dev.outrider.bench.workload;

import dev.outrider.bench.load.LoadReply;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.load.LoadSpec.Kind;
import dev.outrider.bench.process.ProcFiles.Memory;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Sample;

/**
 * Requests at saturation, then at 1,000 a second at fixed times.
 *
 * @param connections of the closed loop; the paced part has eight
 * @param streams calls at a time on each connection
 */
record Requests(Kind kind, int connections, int streams) implements Exercise {

    static final Metric RATE = Metric.rate("requests/s at saturation");
    static final Metric COST = Metric.cost("CPU µs/request at saturation");

    private static final Metric PACED_COST = Metric.cost("CPU µs/request at 1,000/s");
    private static final Metric P50 = Metric.latency("p50 µs at 1,000/s");
    private static final Metric P90 = Metric.latency("p90 µs at 1,000/s");
    private static final Metric P99 = Metric.latency("p99 µs at 1,000/s");
    private static final Metric P999 = Metric.latency("p99.9 µs at 1,000/s");
    private static final Metric FAILED = Metric.cost("failed requests");
    private static final Metric RSS = Metric.cost("RSS MB after load");
    private static final Metric PSS = Metric.cost("PSS MB after load");

    private static final int PACED_RATE = 1_000;
    private static final int PACED_CONNECTIONS = 8;

    /** What is warm without a proxy needs less. */
    private static final double DIRECT_WARM_SHARE = 0.25;

    @Override
    public void warm(Lab lab, Target target) {
        double seconds = lab.effort().warmSeconds() * (target.proxied() ? 1 : DIRECT_WARM_SHARE);
        lab.load().run(LoadSpec.saturating(kind, target.port(), connections, streams, seconds));
    }

    @Override
    public Sample measure(Lab lab, Target target) {
        Sample sample = new Sample();
        double before = target.cpuSeconds();
        LoadReply full = lab.load().run(LoadSpec.saturating(kind, target.port(), connections, streams, lab.effort().saturationSeconds()));
        double between = target.cpuSeconds();
        sample.with(RATE, full.rate());
        if (target.proxied()) {
            sample.with(COST, micros(between - before, full));
        }
        between = target.cpuSeconds();
        LoadReply paced = lab.load().run(LoadSpec.paced(
                kind, target.port(), PACED_CONNECTIONS, streams, PACED_RATE, lab.effort().pacedSeconds()));
        if (target.proxied()) {
            sample.with(PACED_COST, micros(target.cpuSeconds() - between, paced));
        }
        sample.with(P50, paced.p50()).with(P90, paced.p90()).with(P99, paced.p99()).with(P999, paced.p999());
        sample.with(FAILED, (double) (full.failed() + paced.failed()));
        if (target.proxied()) {
            Memory memory = target.memory();
            sample.with(RSS, memory.rss() / 1024.0).with(PSS, memory.pss() / 1024.0);
        }
        return sample;
    }

    static double micros(double cpuSeconds, LoadReply reply) {
        return cpuSeconds * 1e6 / Math.max(1, reply.completed());
    }
}
