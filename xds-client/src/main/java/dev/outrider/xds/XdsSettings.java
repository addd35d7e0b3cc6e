package dev.outrider.xds;

import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.ads.StreamLimits;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * How the client runs.
 *
 * @param control one thread; watchers are called there
 * @param nameTables ask for Istio's name table, when there is an aggregated stream
 * @param secretSources asked in order, before what the configuration names
 * @param store directory for the last known good configuration, null = none is kept
 */
public record XdsSettings(
        ScheduledExecutorService control,
        GrpcTransport transport,
        StreamLimits limits,
        boolean nameTables,
        List<SecretSource> secretSources,
        OnReject onReject,
        @Nullable Path store) {}
