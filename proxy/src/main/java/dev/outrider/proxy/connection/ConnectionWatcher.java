package dev.outrider.proxy.connection;

import dev.outrider.xds.model.AccessLog;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import java.util.List;

/** Observes whole connections (TCP access logs, Istio's TCP metrics). Shared by connections, called on their loops; must not block. */
public interface ConnectionWatcher {

    ConnectionWatcher NONE = info -> {};

    /** The upstream connection stands and relaying begins. */
    default void onOpened(StreamInfo info) {}

    /** While it is open, every few seconds: counts so far are in {@code info}. */
    default void onProgress(StreamInfo info) {}

    /** Exactly once, also when nothing was ever relayed. */
    void onClosed(StreamInfo info);

    /** Makes watchers when configuration is compiled. */
    interface Source {

        Source NONE = new Source() {
            @Override
            public ConnectionWatcher accessLogs(List<AccessLog> logs, String type) {
                return ConnectionWatcher.NONE;
            }

            @Override
            public ConnectionWatcher istioStats(NetworkFilter.StatsConfig config, Listener listener) {
                return ConnectionWatcher.NONE;
            }
        };

        /** {@code type}: Envoy's access log type of what is recorded. */
        ConnectionWatcher accessLogs(List<AccessLog> logs, String type);

        ConnectionWatcher istioStats(NetworkFilter.StatsConfig config, Listener listener);
    }
}
