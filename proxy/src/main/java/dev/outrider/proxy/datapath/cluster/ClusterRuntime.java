package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.telemetry.Stats;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * What clusters need of their surroundings.
 *
 * @param control the control loop: timers, DNS results, configuration
 * @param originGone told, on any thread, of origins that no new request will use: their idle connections may close
 */
public record ClusterRuntime(
        Stats stats, UpstreamTlsSource tls, HostResolver resolver, ScheduledExecutorService control, Consumer<Origin> originGone) {}
