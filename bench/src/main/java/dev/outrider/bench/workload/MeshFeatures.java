package dev.outrider.bench.workload;

import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.EnvoyPeer;
import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.OutriderPeer;
import dev.outrider.bench.peer.Peer;
import dev.outrider.bench.peer.ProxyPlan.Features;
import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Workload;
import java.util.List;

/**
 * What Istio's default filters and a JSON access log add to the HTTP/1.1 hop of the same proxy. Envoy as packaged has no Istio filters, so only its log
 * can be weighed.
 */
record MeshFeatures(String id, String title, Exercise exercise) implements Workload {

    private static final String PLAIN = "outrider, router alone";

    @Override
    public String reference() {
        return PLAIN;
    }

    @Override
    public List<Contender> contenders(Lab lab) {
        Credentials files = Credentials.write(lab.scratch());
        Peer outrider = new OutriderPeer(lab.home());
        Peer envoy = new EnvoyPeer();
        return List.of(
                contender(lab, PLAIN, outrider, Features.NONE, files),
                contender(lab, "outrider, filters and log", outrider, new Features(true, true, 0), files),
                contender(lab, "envoy, router alone", envoy, Features.NONE, files),
                contender(lab, "envoy, log", envoy, new Features(false, true, 0), files));
    }

    private Contender contender(Lab lab, String name, Peer peer, Features features, Credentials files) {
        Line line = new Line(Kind.HTTP, false, features);
        return new ProxyContender(lab, name, peer, line.plans(lab, id + "-" + name.replaceAll("[^a-z]+", "-"), lab.load().httpPort()), files, exercise);
    }
}
