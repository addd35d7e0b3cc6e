package dev.outrider.bench.workload;

import dev.outrider.bench.load.LoadReply;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Sample;

/** A connection for each request, sixteen at a time. */
record NewConnections() implements Exercise {

    private static final int AT_A_TIME = 16;
    private static final Metric RATE = Metric.rate("connections/s");
    private static final Metric COST = Metric.cost("CPU µs/connection");
    private static final Metric FAILED = Metric.cost("failed connections");

    @Override
    public void warm(Lab lab, Target target) {
        run(lab, target, lab.effort().warmSeconds() * (lab.effort().quick() ? 1 : 4));
    }

    @Override
    public Sample measure(Lab lab, Target target) {
        double before = target.cpuSeconds();
        LoadReply reply = run(lab, target, lab.effort().saturationSeconds());
        Sample sample = new Sample().with(RATE, reply.rate());
        if (target.proxied()) {
            sample.with(COST, Requests.micros(target.cpuSeconds() - before, reply));
        }
        return sample.with(FAILED, (double) reply.failed());
    }

    private static LoadReply run(Lab lab, Target target, double seconds) {
        return lab.load().run(LoadSpec.saturating(LoadSpec.Kind.CONNECT, target.port(), AT_A_TIME, 1, seconds));
    }
}
