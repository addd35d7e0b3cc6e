package dev.outrider.dns.table;

import java.util.List;

/**
 * One row of the mesh's name table, as plain values. Any thread.
 *
 * @param host a full name with or without the final dot; may begin with {@code *.}
 * @param ips addresses; none means the name is known and has no records
 * @param registry "Kubernetes" rows get the short forms, any other only {@code host} itself
 * @param shortName first label of a Kubernetes service, or empty
 * @param namespace of a Kubernetes service, or empty
 * @param altHosts further full names of a Kubernetes service
 */
public record MeshName(
        String host, List<String> ips, String registry, String shortName, String namespace, List<String> altHosts) {

    public MeshName {
        ips = List.copyOf(ips);
        altHosts = List.copyOf(altHosts);
    }

    /** Whether all but the addresses is the same. */
    boolean sameButAddresses(MeshName other) {
        return host.equals(other.host) && registry.equals(other.registry) && shortName.equals(other.shortName)
                && namespace.equals(other.namespace) && altHosts.equals(other.altHosts);
    }

    public boolean kubernetes() {
        return registry.equals("Kubernetes");
    }
}
