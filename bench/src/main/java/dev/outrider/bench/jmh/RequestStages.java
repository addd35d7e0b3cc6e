package dev.outrider.bench.jmh;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.endpoint.Balancer;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.proxy.datapath.endpoint.HostGroup;
import dev.outrider.proxy.datapath.endpoint.PickContext;
import dev.outrider.proxy.datapath.route.RouteDecision;
import dev.outrider.proxy.datapath.route.RouteQuery;
import dev.outrider.proxy.datapath.route.RouteTable;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.ClusterLoadAssignment.Health;
import dev.outrider.xds.model.ClusterLoadAssignment.Locality;
import dev.outrider.xds.model.Metadata;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What is decided for each request, over few and over many virtual hosts or endpoints: a request must not pay for the size of the mesh. */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class RequestStages {

    /** Virtual hosts, and endpoints. */
    @Param({"10", "10000"})
    public int size;

    private RouteTable routes;
    private RouteQuery query;
    private Balancer balancer;

    @Setup
    public void compile() throws UnknownHostException {
        Bootstrap bootstrap = Fixture.bootstrap(size - 1);
        routes = RouteTable.compile(Objects.requireNonNull(Fixture.manager(bootstrap).routes()));
        StreamInfo info = Fixture.stream(Fixture.listener(bootstrap));
        query = new RouteQuery(Fixture.request(size > 1 ? "other-" + (size - 2) + ".example" : "bench.example"), info);
        Cluster cluster = bootstrap.clusters().getFirst().model();
        balancer = new Balancer(Cluster.LbPolicy.LEAST_REQUEST, cluster.lbConfig(), new Stats().counter("panics"));
        Origin origin = new Origin(List.of(), List.of(), 0, null, 0, cluster.http(), null, null, admitAll());
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            InetAddress address = InetAddress.getByAddress(new byte[] {10, (byte) (i >> 16), (byte) (i >> 8), (byte) i});
            hosts.add(new Host(new Endpoint(new Address.Ip(address, 8_080), List.of(), "", Health.HEALTHY, 1, Metadata.EMPTY), origin));
        }
        balancer.update(List.of(new HostGroup(Locality.NONE, 0, 1, hosts)), 140);
    }

    /** Limits that say yes; a pick does not ask them. */
    private static Origin.Limits admitAll() {
        return (Origin.Limits) Proxy.newProxyInstance(
                Origin.Limits.class.getClassLoader(), new Class<?>[] {Origin.Limits.class},
                (proxy, method, arguments) -> method.getReturnType() == boolean.class ? true : null);
    }

    @Benchmark
    public @Nullable RouteDecision route() {
        return routes.route(query);
    }

    @Benchmark
    public @Nullable Host endpoint() {
        return balancer.pick(PickContext.PLAIN);
    }
}
