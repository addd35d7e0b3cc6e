package dev.outrider.bench.workload;

import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.Peer;
import dev.outrider.bench.peer.Peers;
import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Workload;
import java.util.ArrayList;
import java.util.List;

/** One exercise on the same line of each peer, and without a proxy where that means something. */
record Comparison(String id, String title, Line line, Exercise exercise, boolean keepsRunning) implements Workload {

    @Override
    public String reference() {
        return "envoy";
    }

    @Override
    public List<Contender> contenders(Lab lab) {
        Credentials files = Credentials.write(lab.scratch());
        List<Contender> all = new ArrayList<>();
        int backend = backend(lab);
        if (keepsRunning && !(exercise instanceof IdleConnections)) {
            all.add(new DirectContender(lab, backend, exercise));
        }
        for (Peer peer : Peers.all(lab.home())) {
            all.add(new ProxyContender(lab, peer.name(), peer, line.plans(lab, id + "-" + peer.name(), backend), files, exercise));
        }
        return all;
    }

    /** What is no bulk ends at an HTTP server also over TCP: its answer says that the connection works end to end. */
    private int backend(Lab lab) {
        return switch (line.kind()) {
            case GRPC -> lab.load().grpcPort();
            case TCP -> exercise instanceof BulkBytes ? lab.load().sinkPort() : lab.load().httpPort();
            default -> lab.load().httpPort();
        };
    }
}
