package dev.outrider.xds.model;

import java.util.List;

/** envoy.config.endpoint.v3.ClusterLoadAssignment; {@code overprovisioningPercent} is 140 by default. */
public record ClusterLoadAssignment(String name, List<Group> groups, int overprovisioningPercent) {

    /** One (locality, priority); the same locality may come with several priorities. Weight 0 = unset. */
    public record Group(Locality locality, int priority, long weight, List<Endpoint> endpoints) {}

    public record Locality(String region, String zone, String subZone) {
        public static final Locality NONE = new Locality("", "", "");
    }

    /** Weight is at least 1. {@code additional} addresses are alternatives of the same endpoint. */
    public record Endpoint(
            Address address, List<Address> additional, String hostname, Health health, long weight, Metadata metadata) {}

    public enum Health { UNKNOWN, HEALTHY, UNHEALTHY, DRAINING, TIMEOUT, DEGRADED }
}
