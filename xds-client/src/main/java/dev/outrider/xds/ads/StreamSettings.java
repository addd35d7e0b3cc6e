package dev.outrider.xds.ads;

import java.util.concurrent.ScheduledExecutorService;

/** {@code control}: one thread, on which everything of the client happens. */
public record StreamSettings(ScheduledExecutorService control, StreamLimits limits) {}
