package dev.outrider.proxy.app.sidecar.port;

import dev.outrider.dns.table.MeshPort;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.HttpProtocolOptions.Protocol;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NetworkFilter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Hosts and ports from the names that istiod gives to outbound clusters ({@code outbound|9080||reviews.default.svc.cluster.local}), their protocols from
 * how the cluster is spoken to and whether a listener leads to it as plain TCP. Pure.
 */
public final class MeshPorts {

    private static final String OUTBOUND = "outbound|";
    private static final String TCP = "tcp";

    private MeshPorts() {}

    public static List<MeshPort> of(MeshSnapshot snapshot) {
        Set<String> plain = plainTcp(snapshot);
        List<MeshPort> ports = new ArrayList<>();
        for (Cluster cluster : snapshot.clusters().values()) {
            add(ports, cluster, plain.contains(cluster.name()));
        }
        return ports;
    }

    private static void add(List<MeshPort> ports, Cluster cluster, boolean plain) {
        String[] parts = cluster.name().split("\\|", -1);
        // A subset is no port of its own.
        if (!cluster.name().startsWith(OUTBOUND) || parts.length != 4 || !parts[2].isEmpty()) {
            return;
        }
        int port;
        try {
            port = Integer.parseInt(parts[1]);
        } catch (NumberFormatException e) {
            return;
        }
        for (String protocol : protocols(cluster.http().protocol(), plain)) {
            ports.add(new MeshPort(parts[3], port, TCP, protocol));
        }
    }

    /** What the port may be asked for by; istiod tells gRPC from other HTTP/2 nowhere. */
    private static List<String> protocols(Protocol protocol, boolean plain) {
        if (plain) {
            return List.of("");
        }
        return protocol == Protocol.HTTP2 ? List.of("http2", "grpc") : List.of("http");
    }

    private static Set<String> plainTcp(MeshSnapshot snapshot) {
        Set<String> clusters = new HashSet<>();
        for (Listener listener : snapshot.listeners().values()) {
            listener.filterChains().forEach(chain -> addTcp(clusters, chain));
            Listener.FilterChain other = listener.defaultFilterChain();
            if (other != null) {
                addTcp(clusters, other);
            }
        }
        return clusters;
    }

    private static void addTcp(Set<String> clusters, Listener.FilterChain chain) {
        for (NetworkFilter filter : chain.filters()) {
            if (filter instanceof NetworkFilter.TcpProxy proxy) {
                proxy.clusters().forEach(one -> clusters.add(one.cluster()));
            }
        }
    }
}
