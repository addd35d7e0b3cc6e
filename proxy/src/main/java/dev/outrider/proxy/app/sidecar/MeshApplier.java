package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.datapath.MeshUpdate;
import dev.outrider.xds.MeshChange;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.SnapshotWatcher;
import java.util.concurrent.CompletableFuture;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Makes each snapshot live: the data path gets what changed, DNS its table. Control loop. */
final class MeshApplier implements SnapshotWatcher {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.app");

    private final DataPath path;
    private final @Nullable MeshDns dns;
    private final Runnable progress;
    private volatile MeshSnapshot current = MeshSnapshot.EMPTY;
    private volatile CompletableFuture<Void> applied = CompletableFuture.completedFuture(null);

    /** {@code progress} runs when a snapshot is in force. */
    MeshApplier(DataPath path, @Nullable MeshDns dns, Runnable progress) {
        this.path = path;
        this.dns = dns;
        this.progress = progress;
    }

    MeshSnapshot current() {
        return current;
    }

    /** Of the last snapshot: when its addresses are bound, or failed to be. */
    CompletableFuture<Void> applied() {
        return applied;
    }

    @Override
    public void onSnapshot(MeshSnapshot snapshot, MeshChange change) {
        current = snapshot;
        try {
            applied = path.apply(MeshUpdate.of(snapshot, change));
        } catch (RuntimeException e) {
            // What was accepted cannot be compiled: the rest of the process must not fall with it.
            LOG.log(Level.SEVERE, "snapshot " + snapshot.revision() + " could not be applied", e);
            applied = CompletableFuture.failedFuture(e);
        }
        if (dns != null && change.nameTable()) {
            var unusedNames = dns.apply(snapshot.names()).whenComplete((done, failure) -> progress.run());
        }
        if (dns != null && !(change.clusters().isEmpty() && change.listeners().isEmpty())) {
            dns.applyPorts(snapshot);
        }
        var unused = applied.whenComplete((done, failure) -> progress.run());
    }
}
