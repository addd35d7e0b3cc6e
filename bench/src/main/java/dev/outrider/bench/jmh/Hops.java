package dev.outrider.bench.jmh;

import dev.outrider.bench.load.Backends;
import dev.outrider.bench.load.BlockingCalls;
import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.EnvoyConfig;
import dev.outrider.bench.peer.Hop;
import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.Hop.Security;
import dev.outrider.bench.peer.ProxyPlan;
import dev.outrider.bench.peer.ProxyPlan.Features;
import dev.outrider.bench.process.Ports;
import dev.outrider.bench.process.Scratch;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.app.sidecar.StartupException;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * Whole calls over loopback through sidecars in this process, one at a time on kept connections. Allocation is that of all threads; {@code direct} is what
 * client and backend cost by themselves.
 */
@State(Scope.Benchmark)
@SuppressWarnings("NullAway.Init")
public class Hops {

    /** What a call passes. */
    public enum Way {
        /** No sidecar. */
        DIRECT,
        /** An HTTP call relayed as TCP: one chunk each way. */
        TCP,
        HTTP,
        /** With Istio's filters and a JSON access log. */
        HTTP_MESH,
        /** HTTP/1.1 to the client's sidecar, HTTP/2 over mutual TLS to the server's, HTTP/1.1 to the backend. */
        HTTP_H2_MTLS,
        /** Unary gRPC, HTTP/2 on both sides. */
        GRPC
    }

    @Param
    public Way way;

    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final Ports ports = new Ports();
    private EventLoopGroup loop;
    private BlockingCalls calls;
    private Credentials files;

    @Setup
    public void start() throws IOException, StartupException {
        loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Backends backends = Backends.start(loop);
        open.push(backends);
        int port = switch (way) {
            case DIRECT -> backends.httpPort();
            case TCP -> sidecar(Kind.TCP, Security.NONE, Features.NONE, backends.httpPort());
            case HTTP -> sidecar(Kind.HTTP, Security.NONE, Features.NONE, backends.httpPort());
            case HTTP_MESH -> sidecar(Kind.HTTP, Security.NONE, new Features(true, true, 0), backends.httpPort());
            case HTTP_H2_MTLS -> sidecar(Kind.UPGRADE, Security.TOWARDS_TARGET, Features.NONE,
                    sidecar(Kind.DOWNGRADE, Security.TOWARDS_CLIENT, Features.NONE, backends.httpPort()));
            case GRPC -> sidecar(Kind.GRPC, Security.NONE, Features.NONE, backends.grpcPort());
        };
        calls = way == Way.GRPC ? BlockingCalls.grpc(port) : BlockingCalls.http(port);
        open.push(calls);
    }

    /** Its listener's port. */
    private int sidecar(Kind kind, Security security, Features features, int target) throws StartupException {
        ProxyPlan plan = new ProxyPlan("hop", List.of(new Hop(kind, security, ports.free(), target)), ports.free(), features);
        String bootstrap = new EnvoyConfig(plan, credentials(), "/dev/null").fixed();
        open.push(Sidecar.start(SidecarConfig.of(bootstrap).withConcurrency(1)));
        return plan.port();
    }

    /** The same for both ends, read when a sidecar starts. */
    private Credentials credentials() {
        if (files == null) {
            Scratch scratch = new Scratch("outrider-hops");
            open.addLast(scratch);
            files = Credentials.write(scratch.path());
        }
        return files;
    }

    @TearDown
    public void stop() throws Exception {
        while (!open.isEmpty()) {
            open.pop().close();
        }
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    @Setup(Level.Iteration)
    public void beginIteration() {
        DataLoopProfiler.begin();
    }

    @TearDown(Level.Iteration)
    public void endIteration() {
        DataLoopProfiler.end();
    }

    @Benchmark
    public int call() throws IOException {
        return calls.call();
    }
}
