package dev.outrider.bench.workload;

import dev.outrider.bench.load.LoadReply;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Sample;

/** One upload at full speed. */
record BulkBytes() implements Exercise {

    private static final Metric SPEED = Metric.rate("GB/s");
    private static final Metric COST = Metric.cost("CPU s/GB");
    private static final double GIGA = 1e9;

    @Override
    public void warm(Lab lab, Target target) {
        run(lab, target, lab.effort().warmSeconds() / 4);
    }

    @Override
    public Sample measure(Lab lab, Target target) {
        double before = target.cpuSeconds();
        LoadReply reply = run(lab, target, lab.effort().saturationSeconds());
        Sample sample = new Sample().with(SPEED, reply.bytes() / GIGA / reply.seconds());
        if (target.proxied()) {
            sample.with(COST, (target.cpuSeconds() - before) * GIGA / reply.bytes());
        }
        return sample;
    }

    private static LoadReply run(Lab lab, Target target, double seconds) {
        return lab.load().run(LoadSpec.saturating(LoadSpec.Kind.BULK, target.port(), 1, 1, seconds));
    }
}
