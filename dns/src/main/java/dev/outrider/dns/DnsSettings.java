package dev.outrider.dns;

import dev.outrider.dns.table.StaticRecord;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Everything that the shim is told once, at its start. {@link #defaults} serves a machine without any configuration; the {@code with}
 * methods change one thing each. Immutable.
 *
 * @param listen sockets, each for UDP and TCP; port 0 is chosen by the kernel, the same for both
 * @param mesh which names are the mesh's
 * @param upstream who answers all others
 * @param records static records
 * @param answers times to live and address checks
 * @param allowedPeers ranges that may ask on a socket that is not on loopback
 */
public record DnsSettings(
        List<InetSocketAddress> listen, Mesh mesh, Upstream upstream, List<StaticRecord> records, Answers answers, List<String> allowedPeers) {

    /**
     * Names of the mesh.
     *
     * @param clusterDomain whose {@code svc} child is a zone of ours
     * @param namespace of this machine, whose services answer to their first label alone
     * @param zones further zones that are ours: names in them that the table does not know do not exist
     * @param serviceRanges service address ranges; their reverse zones are ours
     */
    public record Mesh(String clusterDomain, String namespace, List<String> zones, List<String> serviceRanges) {

        public Mesh withNamespace(String other) {
            return new Mesh(clusterDomain, other, zones, serviceRanges);
        }
    }

    /**
     * Who answers for the rest.
     *
     * @param servers instead of those of resolv.conf; empty to read that
     * @param search instead of resolv.conf's; empty to read that
     * @param resolvConf the host's file, re-read when it changes
     * @param behindStub read instead when {@code resolvConf} names systemd-resolved's stub
     * @param routes zones with servers of their own
     * @param mark SO_MARK of sockets towards resolvers (needs CAP_NET_ADMIN), 0 for none
     */
    public record Upstream(
            List<InetSocketAddress> servers, List<String> search, Path resolvConf, Path behindStub, List<Route> routes, int mark) {}

    /** A zone whose names certain servers answer. */
    public record Route(String zone, List<InetSocketAddress> servers) {}

    /**
     * What answers look like.
     *
     * @param ttl of mesh names
     * @param negativeTtl of what does not exist, at most five seconds
     * @param cacheBytes bound of cached upstream answers, 0 for none
     * @param dropRebinding whether public names that resolve into {@code serviceRanges} are refused instead of counted
     * @param maxWaitingPerPeer questions of one address waiting for resolvers
     * @param maxWaiting of all addresses
     */
    public record Answers(
            Duration ttl, Duration negativeTtl, long cacheBytes, boolean dropRebinding, int maxWaitingPerPeer, int maxWaiting) {}

    /** Port 15053 on loopback, as Istio's agent has it. */
    public static final int DEFAULT_PORT = 15_053;

    public static DnsSettings defaults() {
        return new DnsSettings(
                List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), DEFAULT_PORT)),
                // The ranges from which istiod allocates addresses of ServiceEntries that have none.
                new Mesh("cluster.local", "default", List.of(), List.of("240.240.0.0/16", "2001:2::/48")),
                new Upstream(List.of(), List.of(), Path.of("/etc/resolv.conf"), Path.of("/run/systemd/resolve/resolv.conf"), List.of(), 0),
                List.of(),
                new Answers(Duration.ofSeconds(30), Duration.ofSeconds(5), 4L << 20, false, 1000, 10_000),
                List.of());
    }

    public DnsSettings withListen(InetSocketAddress... addresses) {
        return new DnsSettings(List.of(addresses), mesh, upstream, records, answers, allowedPeers);
    }

    public DnsSettings withMesh(Mesh other) {
        return new DnsSettings(listen, other, upstream, records, answers, allowedPeers);
    }

    public DnsSettings withUpstream(Upstream other) {
        return new DnsSettings(listen, mesh, other, records, answers, allowedPeers);
    }

    /** The same upstream with these servers instead of the host's. */
    public DnsSettings withServers(InetSocketAddress... servers) {
        Upstream u = upstream;
        return withUpstream(new Upstream(List.of(servers), u.search, u.resolvConf, u.behindStub, u.routes, u.mark));
    }

    public DnsSettings withRecords(List<StaticRecord> other) {
        return new DnsSettings(listen, mesh, upstream, other, answers, allowedPeers);
    }

    public DnsSettings withAnswers(Answers other) {
        return new DnsSettings(listen, mesh, upstream, records, other, allowedPeers);
    }

    public DnsSettings withAllowedPeers(List<String> ranges) {
        return new DnsSettings(listen, mesh, upstream, records, answers, ranges);
    }
}
