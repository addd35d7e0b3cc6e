package dev.outrider.bench.workload;

import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.process.Child;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Sample;

/**
 * Memory of connections that made one request and stay open. Of a pair, the side that accepts TLS is weighed.
 *
 * @param connections how many
 */
record IdleConnections(int connections) implements Exercise {

    private static final Metric EACH = Metric.cost("kB (PSS) each");

    /** What the first connections cost once (classes, pools) is not theirs. */
    private static final int FIRST = 64;

    @Override
    public void warm(Lab lab, Target target) {
        // Each slot is a process of its own: what one has taken for connections it keeps, and a second round would cost nothing.
    }

    @Override
    public Sample measure(Lab lab, Target target) {
        hold(lab, target, FIRST);
        hold(lab, target, 0);
        Child weighed = target.proxies().getFirst();
        long before = weighed.memory().pss();
        hold(lab, target, connections);
        double each = (double) (weighed.memory().pss() - before) / connections;
        hold(lab, target, 0);
        return new Sample().with(EACH, each);
    }

    private static void hold(Lab lab, Target target, int count) {
        lab.load().run(new LoadSpec(LoadSpec.Kind.HOLD, target.port(), count, 1, 0, 0));
    }
}
