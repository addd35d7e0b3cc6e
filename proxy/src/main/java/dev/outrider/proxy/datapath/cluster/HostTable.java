package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.HostGroup;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.Metadata;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The hosts of a cluster by identity (address, name, metadata): one that an update leaves in place keeps its connections and its counts,
 * though its weight or health may change. One thread at a time.
 */
final class HostTable {

    private record Key(Address address, List<Address> additional, String hostname, Metadata metadata) {
        static Key of(Endpoint e) {
            return new Key(e.address(), e.additional(), e.hostname(), e.metadata());
        }
    }

    private final Origins origins;
    private final Consumer<Host> gone;
    private Map<Key, Host> hosts = Map.of();

    HostTable(Origins origins, Consumer<Host> gone) {
        this.origins = origins;
        this.gone = gone;
    }

    /** Takes over a new assignment. Hosts that are no longer in it are told to {@code gone}. */
    List<HostGroup> update(ClusterLoadAssignment assignment) {
        Map<Key, Host> next = new HashMap<>();
        List<HostGroup> groups = new ArrayList<>();
        for (ClusterLoadAssignment.Group group : assignment.groups()) {
            List<Host> members = new ArrayList<>(group.endpoints().size());
            for (Endpoint endpoint : group.endpoints()) {
                Key key = Key.of(endpoint);
                Host host = next.get(key);
                if (host == null) {
                    host = hosts.get(key);
                }
                if (host == null) {
                    Origin origin = origins.origin(endpoint);
                    if (origin == null) {
                        continue;
                    }
                    host = new Host(endpoint, origin);
                } else if (!host.endpoint().equals(endpoint)) {
                    host.update(endpoint);
                }
                next.put(key, host);
                members.add(host);
            }
            groups.add(new HostGroup(group.locality(), group.priority(), group.weight(), List.copyOf(members)));
        }
        Map<Key, Host> before = hosts;
        hosts = next;
        before.forEach((key, host) -> {
            if (!next.containsKey(key)) {
                gone.accept(host);
            }
        });
        return groups;
    }

    Collection<Host> all() {
        return List.copyOf(hosts.values());
    }
}
