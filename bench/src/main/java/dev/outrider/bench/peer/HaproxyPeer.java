package dev.outrider.bench.peer;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.round.Lab;
import java.util.List;

/** haproxy as the distribution packages it. */
public final class HaproxyPeer implements Peer {

    @Override
    public String name() {
        return "haproxy";
    }

    @Override
    public String version() {
        return Tool.says("haproxy", "-v").lines().findFirst().orElse("").replaceFirst("^HAProxy version ", "").replaceFirst(" .*", "");
    }

    @Override
    public String remedy() {
        return "apt install haproxy";
    }

    @Override
    public String unable(ProxyPlan plan) {
        if (plan.features().meshFilters()) {
            return "has no Istio filters";
        }
        return plan.hops().size() == 1 && plan.features().equals(ProxyPlan.Features.NONE) ? "" : "has no like of this configuration here";
    }

    @Override
    public Child start(Lab lab, Processor processor, ProxyPlan plan, Credentials files) {
        // -db: in the foreground, one process.
        return lab.children().start(plan.name(), processor, List.of("haproxy", "-db", "-f", lab.file(plan.name() + ".cfg", HaproxyConfig.of(plan, files))));
    }
}
