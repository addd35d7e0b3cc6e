package dev.outrider.bench.workload;

import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.Peer;
import dev.outrider.bench.peer.ProxyPlan;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Sample;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A proxy, or a pair of the same, under an exercise. One thread. */
final class ProxyContender implements Contender {

    private final Lab lab;
    private final String name;
    private final Peer peer;
    private final List<ProxyPlan> plans;
    private final Credentials files;
    private final Exercise exercise;
    private @Nullable Target target;

    ProxyContender(Lab lab, String name, Peer peer, List<ProxyPlan> plans, Credentials files, Exercise exercise) {
        this.lab = lab;
        this.name = name;
        this.peer = peer;
        this.plans = plans;
        this.files = files;
        this.exercise = exercise;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String missing() {
        return peer.version().isEmpty() ? "not installed: " + peer.remedy() : peer.unable(plans.getFirst());
    }

    @Override
    public void start() {
        target = Line.start(lab, peer, Processor.MEASURED, plans, files);
    }

    @Override
    public void warm() {
        exercise.warm(lab, running());
    }

    @Override
    public Sample measure() {
        return exercise.measure(lab, running());
    }

    private Target running() {
        Target current = target;
        if (current == null) {
            throw new IllegalStateException(name + " is not started");
        }
        return current;
    }

    @Override
    public void close() {
        Target current = target;
        if (current != null) {
            current.proxies().forEach(lab.children()::end);
            target = null;
        }
    }
}
