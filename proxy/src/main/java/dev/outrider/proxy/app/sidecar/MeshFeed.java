package dev.outrider.proxy.app.sidecar;

import dev.outrider.xds.ConfigArchive;
import dev.outrider.xds.SnapshotWatcher;
import dev.outrider.xds.XdsStatus;
import dev.outrider.xds.ads.WorkloadHealth;
import java.util.concurrent.CompletableFuture;

/** Where configuration comes from. Watchers are called on the control loop; all else from any thread but a data loop. */
interface MeshFeed extends AutoCloseable {

    /** Completes when what the bootstrap itself holds was given to the watcher. */
    CompletableFuture<Void> start(SnapshotWatcher watcher);

    /** Completes when every resource of the first listeners and clusters is decided. Only after {@link #start}. */
    CompletableFuture<Void> decided();

    /** What control planes are told of the workload, now and on each later stream. Only after {@link #start}. */
    void health(WorkloadHealth health);

    ConfigArchive archive();

    XdsStatus status();

    @Override
    void close();
}
