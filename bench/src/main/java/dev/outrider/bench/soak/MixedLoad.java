package dev.outrider.bench.soak;

import dev.outrider.bench.load.LoadProcess;
import dev.outrider.bench.load.LoadReply;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.load.LoadSpec.Kind;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** Kept and new connections, HTTP/1.1 and gRPC, paced and as fast as it goes, one after the other for as long as the soak lasts. A thread of its own. */
final class MixedLoad implements Runnable {

    private static final double SLICE_SECONDS = 2;

    private final LoadProcess load;
    private final List<LoadSpec> slices;
    private volatile boolean stopped;
    private final LongAdder completed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile String broken = "";

    MixedLoad(LoadProcess load, SoakMesh mesh) {
        this.load = load;
        this.slices = List.of(
                LoadSpec.paced(Kind.HTTP, mesh.httpPort(), 16, 1, 1_000, SLICE_SECONDS),
                LoadSpec.paced(Kind.GRPC, mesh.grpcPort(), 4, 16, 1_000, SLICE_SECONDS),
                LoadSpec.paced(Kind.CONNECT, mesh.tlsPort(), 16, 1, 100, SLICE_SECONDS),
                LoadSpec.saturating(Kind.HTTP, mesh.httpPort(), 64, 1, SLICE_SECONDS));
    }

    @Override
    public void run() {
        try {
            for (int i = 0; !stopped; i++) {
                LoadReply reply = load.run(slices.get(i % slices.size()));
                completed.add(reply.completed());
                failed.add(reply.failed());
            }
        } catch (RuntimeException e) {
            broken = String.valueOf(e.getMessage());
        }
    }

    void stop() {
        stopped = true;
    }

    long completed() {
        return completed.sum();
    }

    long failed() {
        return failed.sum();
    }

    /** Why the load ended before it was told to; "" if it did not. */
    String broken() {
        return broken;
    }
}
