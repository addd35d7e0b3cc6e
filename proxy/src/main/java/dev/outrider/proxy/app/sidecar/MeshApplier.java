package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.app.sidecar.port.MeshServices;
import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.datapath.MeshUpdate;
import dev.outrider.proxy.datapath.explicit.ServiceListeners;
import dev.outrider.xds.MeshChange;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.SnapshotWatcher;
import java.net.InetAddress;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Makes each snapshot live: the data path gets what changed, DNS its table. Control loop. */
final class MeshApplier implements SnapshotWatcher {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.app");

    private final DataPath path;
    private final @Nullable MeshDns dns;
    private final Runnable progress;
    private final @Nullable Executor control;
    private volatile MeshSnapshot current = MeshSnapshot.EMPTY;
    private CompletableFuture<?> names = CompletableFuture.completedFuture(null);
    private boolean named;
    private boolean serving;
    private volatile CompletableFuture<Void> applied = CompletableFuture.completedFuture(null);

    /**
     * {@code progress} runs when a snapshot is in force. {@code control} where services get listeners of their own: names are then answered
     * from {@link #serve} on; otherwise null.
     */
    MeshApplier(DataPath path, @Nullable MeshDns dns, Runnable progress, @Nullable Executor control) {
        this.path = path;
        this.dns = dns;
        this.progress = progress;
        this.control = control;
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
        named |= change.nameTable();
        boolean ports = !(change.clusters().isEmpty() && change.listeners().isEmpty());
        if (control != null && (ports || change.nameTable())) {
            serveServices(control);
        } else if (dns != null && change.nameTable()) {
            var unusedNames = dns.apply(snapshot.names(), Map.of()).whenComplete((done, failure) -> progress.run());
        }
        if (dns != null && ports) {
            dns.applyPorts(snapshot);
        }
        var unused = applied.whenComplete((done, failure) -> progress.run());
    }

    /** From now on services have listeners, and their names those addresses. On the control loop. */
    void serve() {
        serving = true;
        if (control != null) {
            serveServices(control);
        }
    }

    /** An address is answered when it takes connections, and not before. */
    private void serveServices(Executor executor) {
        ServiceListeners services = path.services();
        if (!serving || services == null || !named) {
            return;
        }
        MeshSnapshot snapshot = current;
        CompletableFuture<Void> bound = services.update(MeshServices.of(snapshot));
        Map<String, InetAddress> addresses = services.addresses();
        if (dns != null) {
            names = CompletableFuture.allOf(names, bound).thenComposeAsync(done -> dns.apply(snapshot.names(), addresses), executor);
        } else {
            names = bound;
        }
        var unused = names.whenComplete((done, failure) -> progress.run());
    }
}
