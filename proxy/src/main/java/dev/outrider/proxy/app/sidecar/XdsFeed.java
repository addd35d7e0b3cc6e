package dev.outrider.proxy.app.sidecar;

import dev.outrider.xds.ConfigArchive;
import dev.outrider.xds.SnapshotWatcher;
import dev.outrider.xds.XdsClient;
import dev.outrider.xds.XdsSettings;
import dev.outrider.xds.XdsStatus;
import dev.outrider.xds.ads.WorkloadHealth;
import dev.outrider.xds.bootstrap.Bootstrap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The xDS client as the sidecar's source of configuration. Any thread but a data loop. */
final class XdsFeed implements MeshFeed {

    private static final XdsStatus NOT_STARTED =
            new XdsStatus(null, false, false, Map.of(), List.of(), null, List.of(), List.of(), Map.of());

    private final Bootstrap bootstrap;
    private final XdsSettings settings;
    private volatile @Nullable XdsClient client;

    XdsFeed(Bootstrap bootstrap, XdsSettings settings) {
        this.bootstrap = bootstrap;
        this.settings = settings;
    }

    @Override
    public CompletableFuture<Void> start(SnapshotWatcher watcher) {
        XdsClient made = new XdsClient(bootstrap, settings, watcher);
        client = made;
        return made.start();
    }

    @Override
    public CompletableFuture<Void> decided() {
        XdsClient running = client;
        return running == null ? new CompletableFuture<>() : running.initialState();
    }

    @Override
    public void health(WorkloadHealth health) {
        XdsClient running = client;
        if (running != null) {
            running.health(health);
        }
    }

    @Override
    public ConfigArchive archive() {
        XdsClient running = client;
        return running == null ? new ConfigArchive(Map.of()) : running.archive();
    }

    @Override
    public XdsStatus status() {
        XdsClient running = client;
        return running == null ? NOT_STARTED : running.status();
    }

    @Override
    public void close() {
        XdsClient running = client;
        if (running != null) {
            running.close();
        }
    }
}
