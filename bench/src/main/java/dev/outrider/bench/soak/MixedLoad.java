package dev.outrider.bench.soak;

import dev.outrider.bench.load.LoadProcess;
import dev.outrider.bench.load.LoadReply;
import dev.outrider.bench.load.LoadSpec;
import dev.outrider.bench.load.LoadSpec.Kind;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Kept and new connections, HTTP/1.1 and gRPC, few and many, one after the other for as long as the soak lasts. Readings are taken between two rounds of
 * them, so that they do not depend on how many connections happen to be open. A thread of its own.
 */
final class MixedLoad implements Runnable {

    private static final double SLICE_SECONDS = 1;

    private final LoadProcess load;
    private final Runnable betweenRounds;
    private final List<LoadSpec> slices;
    private final LongAdder completed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile boolean stopped;
    private volatile String broken = "";

    MixedLoad(LoadProcess load, SoakMesh mesh, Runnable betweenRounds) {
        this.load = load;
        this.betweenRounds = betweenRounds;
        this.slices = List.of(
                LoadSpec.saturating(Kind.HTTP, mesh.httpPort(), 4, 1, SLICE_SECONDS),
                LoadSpec.saturating(Kind.GRPC, mesh.grpcPort(), 2, 8, SLICE_SECONDS),
                LoadSpec.saturating(Kind.CONNECT, mesh.tlsPort(), 4, 1, SLICE_SECONDS),
                LoadSpec.saturating(Kind.HTTP, mesh.httpPort(), 64, 1, SLICE_SECONDS));
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                for (LoadSpec slice : slices) {
                    LoadReply reply = load.run(slice);
                    completed.add(reply.completed());
                    failed.add(reply.failed());
                    if (reply.failed() > 0) {
                        System.out.println("           " + reply.failed() + " of " + (reply.completed() + reply.failed()) + " calls failed: " + slice);
                    }
                }
                betweenRounds.run();
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
