package dev.outrider.proxy.app.sidecar;

import dev.outrider.xds.ConfigArchive;
import dev.outrider.xds.SnapshotWatcher;
import dev.outrider.xds.XdsStatus;

/** Where configuration comes from. {@link #start} and watchers on the control loop; the rest from any thread. */
interface MeshFeed extends AutoCloseable {

    void start(SnapshotWatcher watcher);

    ConfigArchive archive();

    XdsStatus status();

    @Override
    void close();
}
