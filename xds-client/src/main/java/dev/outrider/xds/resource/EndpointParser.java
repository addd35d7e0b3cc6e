package dev.outrider.xds.resource;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.ClusterLoadAssignment.Group;
import dev.outrider.xds.model.ClusterLoadAssignment.Health;
import dev.outrider.xds.model.ClusterLoadAssignment.Locality;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.proto.envoy.config.core.v3.HealthStatus;
import dev.outrider.xds.proto.envoy.config.endpoint.v3.LbEndpoint;
import dev.outrider.xds.proto.envoy.config.endpoint.v3.LocalityLbEndpoints;
import dev.outrider.xds.proto.google.protobuf.UInt32Value;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.FileSource;
import dev.outrider.xds.resource.part.Scope;
import dev.outrider.xds.resource.part.Trees;
import java.util.ArrayList;
import java.util.List;

/** envoy.config.endpoint.v3.ClusterLoadAssignment. Drop overloads, LEDS and endpoint health-check addresses are left out. Any thread. */
public final class EndpointParser {

    private static final int DEFAULT_OVERPROVISIONING = 140;

    private EndpointParser() {}

    /** An assignment of EDS: addresses are IP literals. */
    public static Parsed<ClusterLoadAssignment> parse(dev.outrider.xds.proto.envoy.config.endpoint.v3.ClusterLoadAssignment message) {
        return Parsed.of(FileSource.SYSTEM, scope -> assignment(message, false, scope));
    }

    /** {@code names}: the assignment is part of a DNS cluster, its addresses may be names. */
    static ClusterLoadAssignment assignment(
            dev.outrider.xds.proto.envoy.config.endpoint.v3.ClusterLoadAssignment message, boolean names, Scope at) {
        Fields.notEmpty(message.getClusterName(), at.at("cluster_name"));
        if (message.getPolicy().getDropOverloadsCount() > 0) {
            at.at("policy").at("drop_overloads").reject("is not supported");
        }
        List<Group> groups = new ArrayList<>(message.getEndpointsCount());
        MetadataRun metadata = new MetadataRun();
        for (int i = 0; i < message.getEndpointsCount(); i++) {
            groups.add(group(message.getEndpoints(i), names, metadata, at.at("endpoints", i)));
        }
        long factor = Fields.uint32(
                message.getPolicy().hasOverprovisioningFactor(), message.getPolicy().getOverprovisioningFactor(),
                DEFAULT_OVERPROVISIONING, 1, Integer.MAX_VALUE, at.at("policy").at("overprovisioning_factor"));
        return new ClusterLoadAssignment(message.getClusterName(), List.copyOf(groups), (int) factor);
    }

    private static Group group(LocalityLbEndpoints message, boolean names, MetadataRun metadata, Scope at) {
        if (message.hasLedsClusterLocalityConfig()) {
            at.at("leds_cluster_locality_config").reject("is not supported");
        }
        List<LbEndpoint> sent = message.hasLoadBalancerEndpoints()
                ? message.getLoadBalancerEndpoints().getLbEndpointsList() : message.getLbEndpointsList();
        List<Endpoint> endpoints = new ArrayList<>(sent.size());
        for (int i = 0; i < sent.size(); i++) {
            endpoints.add(endpoint(sent.get(i), names, metadata, at.at("lb_endpoints", i)));
        }
        int priority = (int) Fields.inRange(Integer.toUnsignedLong(message.getPriority()), 0, 128, at.at("priority"));
        return new Group(
                locality(message.getLocality()),
                priority,
                weight(message.hasLoadBalancingWeight(), message.getLoadBalancingWeight(), 0, at),
                List.copyOf(endpoints));
    }

    private static Endpoint endpoint(LbEndpoint message, boolean names, MetadataRun metadata, Scope at) {
        if (!message.hasEndpoint()) {
            at.reject("has no endpoint; named endpoints are not supported");
        }
        var host = message.getEndpoint();
        List<Address> additional = new ArrayList<>(host.getAdditionalAddressesCount());
        for (int i = 0; i < host.getAdditionalAddressesCount(); i++) {
            additional.add(Fields.address(
                    host.getAdditionalAddresses(i).getAddress(), false, at.at("endpoint").at("additional_addresses", i)));
        }
        return new Endpoint(
                Fields.address(host.getAddress(), names, at.at("endpoint").at("address")),
                List.copyOf(additional),
                host.getHostname(),
                health(message.getHealthStatus(), message.getHealthStatusValue(), at.at("health_status")),
                weight(message.hasLoadBalancingWeight(), message.getLoadBalancingWeight(), 1, at),
                metadata.of(message.getMetadata()));
    }

    /** Neighbours mostly are of one workload, with equal metadata: one value serves them all. */
    private static final class MetadataRun {
        private dev.outrider.xds.proto.envoy.config.core.v3.Metadata sent =
                dev.outrider.xds.proto.envoy.config.core.v3.Metadata.getDefaultInstance();
        private Metadata value = Metadata.EMPTY;

        private Metadata of(dev.outrider.xds.proto.envoy.config.core.v3.Metadata next) {
            if (!next.equals(sent)) {
                sent = next;
                value = Trees.metadata(next);
            }
            return value;
        }
    }

    private static long weight(boolean present, UInt32Value weight, long otherwise, Scope at) {
        return present
                ? Fields.uint32(true, weight, otherwise, 1, 0xffff_ffffL, at.at("load_balancing_weight"))
                : otherwise;
    }

    private static Locality locality(dev.outrider.xds.proto.envoy.config.core.v3.Locality locality) {
        return locality.getRegion().isEmpty() && locality.getZone().isEmpty() && locality.getSubZone().isEmpty()
                ? Locality.NONE
                : new Locality(locality.getRegion(), locality.getZone(), locality.getSubZone());
    }

    private static Health health(HealthStatus status, int number, Scope at) {
        return switch (status) {
            case UNKNOWN -> Health.UNKNOWN;
            case HEALTHY -> Health.HEALTHY;
            case UNHEALTHY -> Health.UNHEALTHY;
            case DRAINING -> Health.DRAINING;
            case TIMEOUT -> Health.TIMEOUT;
            case DEGRADED -> Health.DEGRADED;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(number, at);
                yield Health.UNKNOWN;
            }
        };
    }
}
