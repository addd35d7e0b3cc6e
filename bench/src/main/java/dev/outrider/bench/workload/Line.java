package dev.outrider.bench.workload;

import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.Hop;
import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.Hop.Security;
import dev.outrider.bench.peer.Peer;
import dev.outrider.bench.peer.ProxyPlan;
import dev.outrider.bench.peer.ProxyPlan.Features;
import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.round.Lab;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The proxies between load and backend: one, or the two sidecars of a mutual-TLS pair.
 *
 * @param kind what the proxies take the bytes for
 * @param pair client's sidecar, TLS, server's sidecar
 */
record Line(Kind kind, boolean pair, Features features) {

    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** Plans from the backend backwards, as each needs the port of the next. */
    List<ProxyPlan> plans(Lab lab, String name, int backend) {
        List<ProxyPlan> plans = new ArrayList<>();
        if (pair) {
            plans.add(plan(lab, name + "-b", Security.TOWARDS_CLIENT, backend));
            plans.add(plan(lab, name + "-a", Security.TOWARDS_TARGET, plans.getFirst().port()));
        } else {
            plans.add(plan(lab, name, Security.NONE, backend));
        }
        return plans;
    }

    private ProxyPlan plan(Lab lab, String name, Security security, int target) {
        return new ProxyPlan(name, List.of(new Hop(kind, security, lab.ports().free(), target)), lab.ports().free(), features);
    }

    /** Starts the processes; returns when each listens. */
    static Target start(Lab lab, Peer peer, Processor processor, List<ProxyPlan> plans, Credentials files) {
        List<Child> proxies = new ArrayList<>();
        try {
            for (ProxyPlan plan : plans) {
                Child child = peer.start(lab, processor, plan, files);
                proxies.add(child);
                child.awaitPort(plan.port(), START_LIMIT);
            }
        } catch (RuntimeException e) {
            proxies.forEach(lab.children()::end);
            throw e;
        }
        return new Target(plans.getLast().port(), proxies);
    }
}
