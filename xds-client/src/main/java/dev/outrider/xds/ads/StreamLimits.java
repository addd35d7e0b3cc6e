package dev.outrider.xds.ads;

/**
 * Bounds and paces of discovery. The defaults admit 64 MiB a message (10,000 endpoints take about 2) and 100,000 endpoints a mesh.
 *
 * @param backoffBaseMillis first step of the full-jitter backoff
 */
public record StreamLimits(int maxMessageBytes, int maxEndpoints, long backoffBaseMillis, long backoffMaxMillis) {

    public static final StreamLimits DEFAULT = new StreamLimits(64 << 20, 100_000, 500, 15_000);
}
