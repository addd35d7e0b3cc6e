package dev.outrider.bench.training;

import dev.outrider.bench.load.LoadProcess;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.load.LoadSpec.Kind;
import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.EnvoyConfig;
import dev.outrider.bench.peer.Hop;
import dev.outrider.bench.peer.Hop.Security;
import dev.outrider.bench.peer.ProxyPlan;
import dev.outrider.bench.peer.ProxyPlan.Features;
import dev.outrider.bench.process.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Static listeners of the recorded sidecar, which is both ends of each mutual-TLS pair, and the load on them. */
final class Hops {

    private final List<Hop> hops = new ArrayList<>();
    private final List<LoadSpec> load = new ArrayList<>();
    private final Ports ports;
    private final int adminPort;

    Hops(Ports ports, LoadProcess backends, double sliceSeconds) {
        this.ports = ports;
        this.adminPort = ports.free();
        int http = hop(Hop.Kind.HTTP, Security.NONE, backends.httpPort());
        int httpPair = pair(Hop.Kind.HTTP, Hop.Kind.HTTP, backends.httpPort());
        int grpc = hop(Hop.Kind.GRPC, Security.NONE, backends.grpcPort());
        int grpcPair = pair(Hop.Kind.GRPC, Hop.Kind.GRPC, backends.grpcPort());
        int changed = pair(Hop.Kind.UPGRADE, Hop.Kind.DOWNGRADE, backends.httpPort());
        int tcp = pair(Hop.Kind.TCP, Hop.Kind.TCP, backends.httpPort());
        int bulk = hop(Hop.Kind.TCP, Security.NONE, backends.sinkPort());
        int bulkPair = pair(Hop.Kind.TCP, Hop.Kind.TCP, backends.sinkPort());
        load.addAll(List.of(
                LoadSpec.saturating(Kind.HTTP, http, 16, 1, sliceSeconds),
                LoadSpec.saturating(Kind.CONNECT, tcp, 8, 1, sliceSeconds),
                LoadSpec.saturating(Kind.HTTP, httpPair, 16, 1, sliceSeconds),
                LoadSpec.saturating(Kind.GRPC, grpc, 4, 8, sliceSeconds),
                LoadSpec.saturating(Kind.GRPC, grpcPair, 4, 8, sliceSeconds),
                LoadSpec.saturating(Kind.HTTP, changed, 16, 1, sliceSeconds),
                LoadSpec.saturating(Kind.CONNECT, http, 8, 1, sliceSeconds / 2),
                LoadSpec.saturating(Kind.BULK, bulk, 1, 1, sliceSeconds / 2),
                LoadSpec.saturating(Kind.BULK, bulkPair, 1, 1, sliceSeconds / 2),
                // As slowly as most sidecars live: a read that finds little, a flush for each call.
                LoadSpec.paced(Kind.HTTP, httpPair, 8, 1, 1_000, sliceSeconds)));
    }

    private int pair(Hop.Kind near, Hop.Kind far, int target) {
        return hop(near, Security.TOWARDS_TARGET, hop(far, Security.TOWARDS_CLIENT, target));
    }

    private int hop(Hop.Kind kind, Security security, int target) {
        int port = ports.free();
        hops.add(new Hop(kind, security, port, target));
        return port;
    }

    /** Over the bootstrap of the machine. */
    String overlay(Credentials files, Path accessLog) {
        return new EnvoyConfig(new ProxyPlan("hops", hops, adminPort, new Features(true, true, 0)), files, accessLog.toString()).overlay();
    }

    List<LoadSpec> load() {
        return load;
    }

    int adminPort() {
        return adminPort;
    }
}
