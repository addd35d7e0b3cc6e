package dev.outrider.bench.workload;

import dev.outrider.bench.dns.DnsWorkloads;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.machine.MachineMesh;
import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.ProxyPlan.Features;
import dev.outrider.bench.round.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** All workloads, in the order of the report. */
public final class Workloads {

    private static final Requests HTTP = new Requests(LoadSpec.Kind.HTTP, 64, 1);
    private static final Requests GRPC = new Requests(LoadSpec.Kind.GRPC, 4, 16);

    /** What a quick run leaves out to stay within three minutes: relatives of what it takes, and what has no meaning in short slots. */
    private static final Set<String> FULL_ONLY = Set.of(
            "grpc-mtls", "mesh", "clusters", "cold", "cold-handshakes", "idle", "idle-mtls", "start-clusters", "machine", "machine-1000", "tls-bulk",
            "dns-cache", "dns-miss", "dns-inside");

    private Workloads() {}

    public static List<Workload> quick() {
        return all().stream().filter(workload -> !FULL_ONLY.contains(workload.id())).toList();
    }

    public static Set<String> fullOnly() {
        return new TreeSet<>(FULL_ONLY);
    }

    public static List<Workload> all() {
        List<Workload> all = new ArrayList<>(List.of(
                new Comparison("http", "HTTP/1.1 hop, plaintext, 64 kept connections, 1 KB answers", one(Kind.HTTP), HTTP, true),
                new Comparison("mtls", "HTTP/1.1 through a mutual-TLS pair of sidecars on one processor (figures are the pair's)",
                        pair(Kind.HTTP), HTTP, true),
                new Comparison("grpc", "Unary gRPC of 50 bytes, HTTP/2 on both sides, 4 connections with 16 streams each", one(Kind.GRPC), GRPC, true),
                new Comparison("grpc-mtls", "The same through a mutual-TLS pair", pair(Kind.GRPC), GRPC, true),
                new MeshFeatures("mesh", "HTTP/1.1 hop with Istio's default filters and a JSON access log to a file", HTTP),
                new Comparison("clusters", "HTTP/1.1 hop with 1,000 more clusters and virtual hosts", new Line(Kind.HTTP, false, new Features(false, false, 1_000)),
                        HTTP, true),
                new Comparison("tcp", "TCP relay, one upload", one(Kind.TCP), new BulkBytes(), true),
                new Comparison("tls-bulk", "One upload through a mutual-TLS pair", pair(Kind.TCP), new BulkBytes(), true),
                new Comparison("handshakes", "New mutual-TLS connections through a TCP pair, full handshakes, P-256, 16 at a time",
                        pair(Kind.TCP), new NewConnections(), true),
                new Comparison("cold-handshakes", "The same in the first seconds of the processes",
                        pair(Kind.TCP), new ColdStart(LoadSpec.Kind.CONNECT, 16, 6), false),
                new Comparison("cold", "HTTP/1.1 through a mutual-TLS pair in the first seconds of the processes, 64 connections",
                        pair(Kind.HTTP), new ColdStart(LoadSpec.Kind.HTTP, 64, 10), false),
                new Comparison("idle", "5,000 idle client connections, HTTP/1.1 plaintext", one(Kind.HTTP), new IdleConnections(5_000), false),
                new Comparison("idle-mtls", "2,000 idle mutual-TLS connections over TCP, with their upstream connections (the accepting side)",
                        pair(Kind.TCP), new IdleConnections(2_000), false),
                new Startup("start", "From exec to the first answer, and memory a second later, HTTP/1.1 hop", one(Kind.HTTP)),
                new Startup("start-clusters", "The same with 1,000 more clusters and virtual hosts in the file",
                        new Line(Kind.HTTP, false, new Features(false, false, 1_000)))));
        all.add(new MachineMesh("machine", "A machine's sidecar on Bookinfo's configuration over ADS, names on", 0));
        all.add(new MachineMesh("machine-1000", "The same in a mesh of 1,000 more services with 10 endpoints each", 1_000));
        all.addAll(DnsWorkloads.all());
        return all;
    }

    private static Line one(Kind kind) {
        return new Line(kind, false, Features.NONE);
    }

    private static Line pair(Kind kind) {
        return new Line(kind, true, Features.NONE);
    }
}
