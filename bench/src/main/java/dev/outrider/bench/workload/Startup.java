package dev.outrider.bench.workload;

import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.Peer;
import dev.outrider.bench.peer.Peers;
import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Workload;
import java.util.ArrayList;
import java.util.List;

/** How long each peer takes to its first answer, and what it weighs at rest. */
record Startup(String id, String title, Line line) implements Workload {

    @Override
    public String reference() {
        return "envoy";
    }

    @Override
    public boolean keepsRunning() {
        return false;
    }

    @Override
    public List<Contender> contenders(Lab lab) {
        Credentials files = Credentials.write(lab.scratch());
        List<Contender> all = new ArrayList<>();
        for (Peer peer : Peers.all(lab.home())) {
            all.add(new Ready(lab, peer, line.plans(lab, id + "-" + peer.name(), lab.load().httpPort()), files));
        }
        return all;
    }
}
