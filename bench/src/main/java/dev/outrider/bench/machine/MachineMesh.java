package dev.outrider.bench.machine;

import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Workload;
import java.util.List;

/**
 * Outrider alone on a mesh's configuration: a plain Envoy refuses Istio's filters, so there is no peer in the same run.
 *
 * @param services beside Bookinfo's
 */
public record MachineMesh(String id, String title, int services) implements Workload {

    @Override
    public String reference() {
        return "outrider";
    }

    @Override
    public boolean keepsRunning() {
        return false;
    }

    @Override
    public List<Contender> contenders(Lab lab) {
        return List.of(new MachineSlot(lab, id, services));
    }
}
