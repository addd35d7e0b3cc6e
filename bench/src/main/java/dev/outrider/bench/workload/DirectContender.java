package dev.outrider.bench.workload;

import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Sample;
import java.util.List;

/** The backend without any proxy: what load and backend themselves cost. One thread. */
final class DirectContender implements Contender {

    private final Lab lab;
    private final Target target;
    private final Exercise exercise;

    DirectContender(Lab lab, int port, Exercise exercise) {
        this.lab = lab;
        this.target = new Target(port, List.of());
        this.exercise = exercise;
    }

    @Override
    public String name() {
        return DIRECT;
    }

    @Override
    public void start() {
        // The backend is up for the whole run.
    }

    @Override
    public void warm() {
        exercise.warm(lab, target);
    }

    @Override
    public Sample measure() {
        return exercise.measure(lab, target);
    }

    @Override
    public void close() {
        // The backend is up for the whole run.
    }
}
