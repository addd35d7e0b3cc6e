package dev.outrider.xds;

/** Told of each new snapshot, on the control thread. Must not block. */
@FunctionalInterface
public interface SnapshotWatcher {

    void onSnapshot(MeshSnapshot snapshot, MeshChange change);
}
