package dev.outrider.proxy.intercept.resolver;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.query.Cidr;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a resolver of the machine has to be told. Immutable.
 *
 * @param shim where the shim listens
 * @param zones whose names only the shim knows, without the final dot
 * @param search domains that are appended to short names, first to last
 */
public record ResolverPlan(InetSocketAddress shim, List<String> zones, List<String> search) {

    /** @param search whether short names shall resolve, which costs every short name that is not the mesh's a few local questions */
    public static ResolverPlan of(DnsSettings settings, boolean search) {
        DnsSettings.Mesh mesh = settings.mesh();
        String cluster = mesh.clusterDomain();
        // "svc" is no top-level domain: names such as reviews.default.svc have no other home.
        Set<String> zones = new LinkedHashSet<>(List.of(cluster, "svc"));
        if (isNoTopLevelDomain(mesh.namespace())) {
            zones.add(mesh.namespace());
        }
        zones.addAll(mesh.zones());
        settings.upstream().routes().forEach(route -> zones.add(route.zone()));
        mesh.serviceRanges().forEach(range -> zones.addAll(Cidr.of(range).reverseZones()));
        List<String> domains = search ? List.of(mesh.namespace() + ".svc." + cluster, "svc." + cluster, cluster) : List.of();
        return new ResolverPlan(reachable(settings.listen().getFirst()), List.copyOf(zones), domains);
    }

    /** A namespace called "dev" must not take .dev from the machine when the shim is away; ICANN delegates no name with a hyphen but the xn-- ones. */
    private static boolean isNoTopLevelDomain(String namespace) {
        return namespace.equals("default") || (namespace.contains("-") && !namespace.startsWith("xn--"));
    }

    private static InetSocketAddress reachable(InetSocketAddress listen) {
        return listen.getAddress().isAnyLocalAddress() ? new InetSocketAddress(InetAddress.getLoopbackAddress(), listen.getPort()) : listen;
    }

    /** As systemd and resolvectl write it: {@code 127.0.0.1:15053}, {@code [::1]:15053}. */
    String server() {
        return NetUtil.toSocketAddressString(shim);
    }

    /** Domains as systemd writes them: {@code ~} for those that are routed and never appended. */
    List<String> domains() {
        List<String> all = new ArrayList<>(search);
        zones.stream().filter(zone -> !search.contains(zone)).map(zone -> "~" + zone).forEach(all::add);
        return all;
    }
}
