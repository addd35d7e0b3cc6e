package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.Discovery;
import dev.outrider.xds.model.Cluster.LbPolicy;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.ClusterLoadAssignment.Health;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.TransportSocket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/** Clusters and endpoints in few words. */
public final class TestClusters {

    public static final Cluster.LbConfig LB = new Cluster.LbConfig(50, false, 2, 1, 1024, 8_388_608, 65_537, 0, 1, 10);

    private TestClusters() {}

    public static Endpoint endpoint(String ip, int port) {
        return endpoint(ip, port, Health.HEALTHY, 1);
    }

    public static Endpoint endpoint(String ip, int port, Health health, long weight) {
        return new Endpoint(new Address.Ip(Cidr.ipLiteral(ip), port), List.of(), "", health, weight, Metadata.EMPTY);
    }

    public static ClusterLoadAssignment assignment(String name, Endpoint... endpoints) {
        var group = new ClusterLoadAssignment.Group(
                ClusterLoadAssignment.Locality.NONE, 0, endpoints.length, List.copyOf(Arrays.asList(endpoints)));
        return new ClusterLoadAssignment(name, List.of(group), 140);
    }

    public static Cluster cluster(String name, Discovery discovery, @Nullable ClusterLoadAssignment endpoints) {
        return cluster(name, discovery, endpoints, new TransportSocket.RawBuffer(), null);
    }

    public static Cluster cluster(
            String name, Discovery discovery, @Nullable ClusterLoadAssignment endpoints, TransportSocket socket,
            Cluster.@Nullable OutlierDetection outliers) {
        var threshold = new Cluster.CircuitBreakers.Threshold(2, 1024, 1024, 3, -1, 3);
        var http = new Cluster.HttpProtocolOptions(
                Cluster.HttpProtocolOptions.Protocol.HTTP1, Duration.ofHours(1).toNanos(), 0, 0, 0, 1024, 65_536, 65_536, false, false, false,
                false, 0, 0);
        return new Cluster(
                name, "", discovery, null, endpoints, LbPolicy.ROUND_ROBIN, LB, Duration.ofSeconds(5).toNanos(),
                new Cluster.CircuitBreakers(threshold, threshold), outliers, socket, List.of(), http, List.of(), null, null,
                new Cluster.Dns(Duration.ofSeconds(60).toNanos(), true, Cluster.Dns.Family.V4_ONLY, 0), 0, null,
                Duration.ofSeconds(5).toNanos(), 1 << 20, Metadata.EMPTY);
    }

    public static ClusterRuntime runtime(Stats stats, ScheduledExecutorService control) {
        return new ClusterRuntime(
                stats, socket -> { throw new IllegalStateException("no TLS here"); }, new SystemResolver(), control, origin -> {});
    }
}
