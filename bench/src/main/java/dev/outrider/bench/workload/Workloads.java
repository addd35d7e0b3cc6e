package dev.outrider.bench.workload;

import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.ProxyPlan.Features;
import dev.outrider.bench.round.Workload;
import java.util.List;

/** All workloads, in the order of the report. */
public final class Workloads {

    private Workloads() {}

    public static List<Workload> all() {
        Requests http = new Requests(LoadSpec.Kind.HTTP, 64, 1);
        Requests grpc = new Requests(LoadSpec.Kind.GRPC, 4, 16);
        return List.of(
                new Comparison("http", "HTTP/1.1 hop, plaintext, 64 kept connections, 1 KB answers", one(Kind.HTTP), http),
                new Comparison("mtls", "HTTP/1.1 through a mutual-TLS pair of sidecars on one processor (figures are the pair's)", pair(Kind.HTTP), http),
                new Comparison("grpc", "Unary gRPC of 50 bytes, HTTP/2 on both sides, 4 connections with 16 streams", one(Kind.GRPC), grpc),
                new Comparison("tcp", "TCP relay, one upload", one(Kind.TCP), new BulkBytes()),
                new Comparison("tls-bulk", "One upload through a mutual-TLS pair", pair(Kind.TCP), new BulkBytes()),
                new Comparison("handshakes", "New mutual-TLS connections through a TCP pair, full handshakes, P-256, 16 at a time", pair(Kind.TCP), new NewConnections()));
    }

    private static Line one(Kind kind) {
        return new Line(kind, false, Features.NONE);
    }

    private static Line pair(Kind kind) {
        return new Line(kind, true, Features.NONE);
    }
}
