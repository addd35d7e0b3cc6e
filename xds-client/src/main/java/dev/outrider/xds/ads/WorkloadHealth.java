package dev.outrider.xds.ads;

/**
 * Whether the service on this machine does what it is there for, as the control plane is told.
 *
 * @param reason empty when healthy
 */
public record WorkloadHealth(boolean healthy, String reason) {

    public static final WorkloadHealth HEALTHY = new WorkloadHealth(true, "");
}
