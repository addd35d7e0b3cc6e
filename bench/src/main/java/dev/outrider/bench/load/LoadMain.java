package dev.outrider.bench.load;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;

/** The load generator's process: says its backends' ports, then runs one piece of load for each line until its input ends. */
public final class LoadMain {

    private LoadMain() {}

    public static void main(String[] args) throws IOException {
        // One loop for both sides: they share a processor anyway, and none waits for the other to be scheduled.
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        Backends backends = Backends.start(loop);
        System.out.println("http=" + backends.httpPort() + " grpc=" + backends.grpcPort() + " sink=" + backends.sinkPort());
        Held held = new Held();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(reply(loop, backends, held, line));
        }
        loop.shutdownGracefully();
    }

    private static String reply(EventLoopGroup loop, Backends backends, Held held, String line) {
        try {
            LoadSpec spec = LoadSpec.parse(line);
            held.release();
            return switch (spec.kind()) {
                case HTTP, GRPC, CONNECT -> new Driver(loop, spec).run().line();
                case BULK -> Bulk.run(loop, spec, backends.sunk()).line();
                case HOLD -> held.open(loop, spec).line();
            };
        } catch (RuntimeException e) {
            return "load failed: " + e;
        }
    }
}
