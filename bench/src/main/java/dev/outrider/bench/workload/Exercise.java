package dev.outrider.bench.workload;

import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Sample;

/** What is done to a target in a slot, and which figures come of it. Blocks. */
interface Exercise {

    void warm(Lab lab, Target target);

    Sample measure(Lab lab, Target target);
}
