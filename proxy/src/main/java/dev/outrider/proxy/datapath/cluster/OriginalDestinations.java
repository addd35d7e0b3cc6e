package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.ClusterLoadAssignment.Health;
import dev.outrider.xds.model.Metadata;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hosts of an ORIGINAL_DST cluster, made when first asked for and dropped when idle for a clean-up interval. Any loop; {@link #sweep} on
 * the control loop.
 */
final class OriginalDestinations {

    /** Somebody who scans addresses through the proxy must not fill its memory: above this many, idle hosts go at once. */
    private static final int CROWDED = 16_384;

    private final Origins origins;
    private final int portOverride;
    private final Consumer<Host> gone;
    private final ConcurrentHashMap<Address.Ip, Entry> hosts = new ConcurrentHashMap<>();

    private static final class Entry {
        final Host host;
        volatile boolean used = true;

        Entry(Host host) {
            this.host = host;
        }
    }

    OriginalDestinations(Cluster cluster, Origins origins, Consumer<Host> gone) {
        this.origins = origins;
        this.portOverride = cluster.originalDstPortOverride();
        this.gone = gone;
    }

    @Nullable Host pick(@Nullable InetSocketAddress destination) {
        if (destination == null) {
            return null;
        }
        InetAddress ip = destination.getAddress();
        if (ip == null) {
            return null;
        }
        var key = new Address.Ip(ip, portOverride == 0 ? destination.getPort() : portOverride);
        Entry entry = hosts.get(key);
        if (entry == null) {
            if (hosts.size() >= CROWDED) {
                sweep();
                sweep();
            }
            entry = hosts.computeIfAbsent(key, this::make);
        }
        if (!entry.used) {
            entry.used = true;
        }
        return entry.host;
    }

    private Entry make(Address.Ip address) {
        var endpoint = new Endpoint(address, List.of(), "", Health.UNKNOWN, 1, Metadata.EMPTY);
        var origin = origins.origin(endpoint);
        if (origin == null) {
            throw new IllegalStateException(address + " is an IP address and can be dialled");
        }
        return new Entry(new Host(endpoint, origin));
    }

    /** Drops what was neither used since the last sweep nor is in use. */
    void sweep() {
        hosts.forEach((address, entry) -> {
            if (entry.used || entry.host.active() > 0) {
                entry.used = entry.host.active() > 0;
            } else if (hosts.remove(address, entry)) {
                gone.accept(entry.host);
            }
        });
    }

    Collection<Host> all() {
        return hosts.values().stream().map(e -> e.host).toList();
    }
}
