package dev.outrider.xds;

import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.ads.StreamLimits;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/**
 * How the client runs.
 *
 * @param control one thread; watchers are called there
 * @param nameTables ask for Istio's name table, when there is an aggregated stream
 * @param secretSources asked in order, before what the configuration names
 */
public record XdsSettings(
        ScheduledExecutorService control,
        GrpcTransport transport,
        StreamLimits limits,
        boolean nameTables,
        List<SecretSource> secretSources) {}
