package dev.outrider.proxy.datapath.cluster;

import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.Discovery;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.ClusterLoadAssignment.Health;
import dev.outrider.xds.model.Metadata;
import dev.outrider.xds.model.TransportSocket;
import io.netty.channel.DefaultEventLoop;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static dev.outrider.proxy.datapath.cluster.TestClusters.assignment;
import static dev.outrider.proxy.datapath.cluster.TestClusters.cluster;
import static dev.outrider.proxy.datapath.cluster.TestClusters.endpoint;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ClustersTest {
    private final DefaultEventLoop control = new DefaultEventLoop();
    private final Stats stats = new Stats();
    private final List<Origin> gone = new ArrayList<>();
    private final CompletableFuture<HostResolver.Answer> answer = new CompletableFuture<>();
    private final HostResolver resolver = new HostResolver() {
        @Override
        public CompletionStage<Answer> resolve(String host) {
            return answer;
        }

        @Override
        public void close() {}
    };
    private final Clusters clusters = new Clusters(new ClusterRuntime(
            stats, socket -> { throw new IllegalStateException("no TLS here"); }, resolver, control, gone::add));

    @AfterEach
    void stop() {
        clusters.close();
        control.shutdownGracefully(0, 0, TimeUnit.SECONDS);
    }

    private Host pick(String name) {
        ClusterState state = clusters.cluster(name);
        assertNotNull(state);
        Host host = state.pick(PickContext.PLAIN);
        assertNotNull(host);
        return host;
    }

    @Test
    void aHostThatStaysKeepsItsOriginThoughItsWeightChanges() {
        clusters.put(cluster("c", Discovery.EDS, null));
        assertFalse(clusters.cluster("c").warm());
        clusters.assign(assignment("c", endpoint("10.0.0.1", 80)));
        Host first = pick("c");
        clusters.assign(assignment("c", endpoint("10.0.0.1", 80, Health.HEALTHY, 7)));
        assertSame(first, pick("c"));
        assertEquals(7, first.endpoint().weight());
        clusters.assign(assignment("c", endpoint("10.0.0.2", 80)));
        assertNotSame(first, pick("c"));
        assertEquals(List.of(first.origin()), gone);
        assertEquals(1, stats.gauges().get("cluster.c.membership_total").value());
    }

    @Test
    void equalConfigurationIsNoChange() {
        Cluster model = cluster("c", Discovery.STATIC, assignment("c", endpoint("10.0.0.1", 80)));
        clusters.put(model);
        ClusterState before = clusters.cluster("c");
        clusters.put(cluster("c", Discovery.STATIC, assignment("c", endpoint("10.0.0.1", 80))));
        assertSame(before, clusters.cluster("c"));
    }

    @Test
    void theOldClusterServesUntilTheNewOneIsWarm() {
        clusters.put(cluster("c", Discovery.STATIC, assignment("c", endpoint("10.0.0.1", 80))));
        ClusterState before = clusters.cluster("c");
        clusters.put(cluster("c", Discovery.EDS, null));
        assertSame(before, clusters.cluster("c"));
        clusters.assign(assignment("c", endpoint("10.0.0.9", 80)));
        assertNotSame(before, clusters.cluster("c"));
        assertEquals("10.0.0.9:80", pick("c").address().toString());
    }

    @Test
    void endpointsThatCameFirstAreKept() {
        clusters.assign(assignment("c", endpoint("10.0.0.1", 80)));
        clusters.put(cluster("c", Discovery.EDS, null));
        assertTrue(clusters.cluster("c").warm());
        clusters.remove("c");
        assertNull(clusters.cluster("c"));
    }

    @Test
    void aNamedEndpointBecomesItsAddresses() throws Exception {
        var named = new Endpoint(new Address.Named("db.example", 3306), List.of(), "", Health.UNKNOWN, 1, Metadata.EMPTY);
        clusters.put(cluster("c", Discovery.STRICT_DNS, assignment("c", named)));
        assertFalse(clusters.cluster("c").warm());
        answer.complete(new HostResolver.Answer(List.of(Cidr.ipLiteral("10.1.1.1"), Cidr.ipLiteral("::1"), Cidr.ipLiteral("10.1.1.2")), 0));
        control.submit(() -> {}).get();
        assertTrue(clusters.cluster("c").warm());
        assertEquals(2, clusters.cluster("c").hosts().size(), "IPv4 only");
        assertEquals("db.example", pick("c").endpoint().hostname());
    }

    @Test
    void anOriginalDestinationIsItsOwnHost() {
        clusters.put(cluster("c", Discovery.ORIGINAL_DST, null));
        ClusterState state = clusters.cluster("c");
        assertNull(state.pick(PickContext.PLAIN));
        var context = new PickContext(null, new InetSocketAddress("10.9.9.9", 5000), List.of(), 0, java.util.Map.of());
        Host host = state.pick(context);
        assertNotNull(host);
        assertSame(host, state.pick(context));
        assertEquals(List.of(new InetSocketAddress("10.9.9.9", 5000)), host.origin().addresses());
    }

    @Test
    void breakersAreSharedAndCounted() {
        clusters.put(cluster("c", Discovery.STATIC, assignment("c", endpoint("10.0.0.1", 80))));
        Origin.Limits limits = pick("c").origin().limits();
        assertTrue(limits.tryConnection());
        assertTrue(limits.tryConnection());
        assertFalse(limits.tryConnection());
        limits.releaseConnection();
        assertTrue(limits.tryConnection());
        assertEquals(1, stats.counters().get("cluster.c.upstream_cx_overflow").value());
    }

    @Test
    void aHostThatFailsInARowIsLeftOutForAWhile() {
        var detection = new Cluster.OutlierDetection(
                TimeUnit.HOURS.toNanos(1), TimeUnit.SECONDS.toNanos(30), TimeUnit.SECONDS.toNanos(300), 50, 3, 100, 0, 0, false, 0, 0);
        ClusterLoadAssignment two = assignment("c", endpoint("10.0.0.1", 80), endpoint("10.0.0.2", 80));
        clusters.put(cluster("c", Discovery.STATIC, two, new TransportSocket.RawBuffer(), detection));
        Host bad = pick("c");
        ClusterState state = clusters.cluster("c");
        state.report(bad, 500);
        state.report(bad, 503);
        state.report(bad, 200);
        state.report(bad, 500);
        state.report(bad, -1);
        assertFalse(bad.ejected());
        state.report(bad, 500);
        assertTrue(bad.ejected());
        for (int i = 0; i < 10; i++) {
            assertNotSame(bad, pick("c"));
        }
        Host other = pick("c");
        for (int i = 0; i < 3; i++) {
            state.report(other, 500);
        }
        assertFalse(other.ejected(), "no more than half");
        assertEquals(1, stats.gauges().get("cluster.c.outlier_detection.ejections_active").value());
    }
}
