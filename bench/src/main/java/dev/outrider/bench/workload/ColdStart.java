package dev.outrider.bench.workload;

import dev.outrider.bench.load.LoadReply;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Sample;

/**
 * The first seconds of a process that was just started: nothing is compiled, no connection exists.
 *
 * @param kind requests on kept connections, or a connection for each
 * @param connections at a time
 */
record ColdStart(LoadSpec.Kind kind, int connections, double seconds) implements Exercise {

    private static final Metric FAILED = Metric.cost("failed");

    /** A client gives up after a second. */
    private static final Metric SLOWEST = Metric.cost("p99.9 ms");

    @Override
    public void warm(Lab lab, Target target) {
        // Cold is what is measured.
    }

    @Override
    public Sample measure(Lab lab, Target target) {
        double before = target.cpuSeconds();
        double length = lab.effort().quick() ? seconds / 6 : seconds;
        LoadReply reply = lab.load().run(LoadSpec.saturating(kind, target.port(), connections, 1, length));
        String unit = kind == LoadSpec.Kind.CONNECT ? "connections" : "requests";
        Sample sample = new Sample().with(Metric.rate(unit + "/s in the first " + (long) Math.ceil(length) + " s"), reply.rate());
        if (target.proxied()) {
            sample.with(Metric.cost("CPU µs each"), Requests.micros(target.cpuSeconds() - before, reply));
        }
        return sample.with(SLOWEST, reply.p999() / 1_000).with(FAILED, (double) reply.failed());
    }
}
