package dev.outrider.proxy.app.sidecar;

import dev.outrider.xds.bootstrap.Bootstrap;
import java.util.concurrent.ScheduledExecutorService;

/** Chooses where configuration comes from. */
final class MeshFeeds {

    private MeshFeeds() {}

    static MeshFeed of(Bootstrap bootstrap, ScheduledExecutorService control) throws StartupException {
        return new BootstrapFeed(bootstrap);
    }
}
