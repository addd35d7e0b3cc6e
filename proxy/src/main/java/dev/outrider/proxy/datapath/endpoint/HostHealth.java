package dev.outrider.proxy.datapath.endpoint;

import dev.outrider.xds.model.ClusterLoadAssignment.Health;

/** What a host is worth to the balancer: the control plane's word first, then outlier detection's. */
public enum HostHealth {
    HEALTHY,
    DEGRADED,
    UNHEALTHY;

    public static HostHealth of(Host host) {
        Health told = host.endpoint().health();
        if (host.ejected() || told == Health.UNHEALTHY || told == Health.DRAINING || told == Health.TIMEOUT) {
            return UNHEALTHY;
        }
        return told == Health.DEGRADED ? DEGRADED : HEALTHY;
    }
}
