package dev.outrider.bench.workload;

import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.Peer;
import dev.outrider.bench.peer.ProxyPlan;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.process.ProcFiles.Memory;
import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Sample;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** From exec to the first answer through the proxy, on both processors, and its memory when it has come to rest. One thread. */
final class Ready implements Contender {

    private static final Metric MILLIS = Metric.cost("ms from exec to the first answer");
    private static final Metric RSS = Metric.cost("RSS MB idle");
    private static final Metric PSS = Metric.cost("PSS MB idle");
    private static final Metric ANONYMOUS = Metric.cost("anonymous PSS MB idle");
    private static final long REST_NANOS = 1_000_000_000L;

    private final Lab lab;
    private final Peer peer;
    private final List<ProxyPlan> plans;
    private final Credentials files;
    private @Nullable Target target;

    Ready(Lab lab, Peer peer, List<ProxyPlan> plans, Credentials files) {
        this.lab = lab;
        this.peer = peer;
        this.plans = plans;
        this.files = files;
    }

    @Override
    public String name() {
        return peer.name();
    }

    @Override
    public String missing() {
        return peer.version().isEmpty() ? "not installed: " + peer.remedy() : peer.unable(plans.getFirst());
    }

    @Override
    public void start() {
        // Each slot starts its own.
    }

    @Override
    public void warm() {
        // Cold is what is measured.
    }

    @Override
    public Sample measure() {
        long began = System.nanoTime();
        Target up = Line.start(lab, peer, Processor.ANY, plans, files);
        target = up;
        lab.load().run(new LoadSpec(LoadSpec.Kind.HOLD, up.port(), 1, 1, 0, 0));
        double millis = (System.nanoTime() - began) / 1e6;
        LockSupport.parkNanos(REST_NANOS);
        Memory memory = up.memory();
        lab.load().run(new LoadSpec(LoadSpec.Kind.HOLD, up.port(), 0, 1, 0, 0));
        return new Sample()
                .with(MILLIS, millis)
                .with(RSS, memory.rss() / 1024.0)
                .with(PSS, memory.pss() / 1024.0)
                .with(ANONYMOUS, memory.anonymous() / 1024.0);
    }

    @Override
    public void close() {
        Target up = target;
        if (up != null) {
            up.proxies().forEach(lab.children()::end);
            target = null;
        }
    }
}
