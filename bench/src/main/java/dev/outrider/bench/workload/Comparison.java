package dev.outrider.bench.workload;

import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.EnvoyPeer;
import dev.outrider.bench.peer.HaproxyPeer;
import dev.outrider.bench.peer.OutriderPeer;
import dev.outrider.bench.peer.Peer;
import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Workload;
import java.util.ArrayList;
import java.util.List;

/** One exercise on the same line of each peer, and without a proxy. */
record Comparison(String id, String title, Line line, Exercise exercise) implements Workload {

    @Override
    public String reference() {
        return "envoy";
    }

    @Override
    public List<Contender> contenders(Lab lab) {
        Credentials files = Credentials.write(lab);
        List<Contender> all = new ArrayList<>();
        int backend = backend(lab);
        all.add(new DirectContender(lab, backend, exercise));
        for (Peer peer : List.of(new OutriderPeer(lab.home()), new EnvoyPeer(), new HaproxyPeer())) {
            all.add(new ProxyContender(lab, peer.name(), peer, line.plans(lab, id + "-" + peer.name(), backend), files, exercise));
        }
        return all;
    }

    /** New connections over TCP end at the HTTP server, which says that a connection works end to end. */
    private int backend(Lab lab) {
        return switch (line.kind()) {
            case HTTP -> lab.load().httpPort();
            case GRPC -> lab.load().grpcPort();
            case TCP -> exercise instanceof BulkBytes ? lab.load().sinkPort() : lab.load().httpPort();
        };
    }
}
