package dev.outrider.bench.dns;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Sample;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A server with a resolver of its own behind it, or that resolver alone. One thread. */
final class DnsContender implements Contender {

    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    private final Lab lab;
    private final @Nullable DnsServer server;
    private final DnsLoad load;
    private final int port;
    private final int resolverPort;
    private @Nullable Child resolver;
    private @Nullable Child process;

    DnsContender(Lab lab, @Nullable DnsServer server, DnsLoad load) {
        this.lab = lab;
        this.server = server;
        this.load = load;
        this.port = lab.ports().free();
        this.resolverPort = lab.ports().free();
    }

    @Override
    public String name() {
        return server == null ? DIRECT : server.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String missing() {
        return DnsServer.toolsMissing();
    }

    @Override
    public void start() {
        resolver = await(DnsServer.resolver(lab, resolverPort), resolverPort);
        if (server != null) {
            process = await(server.start(lab, port, resolverPort), port);
        }
    }

    private static Child await(Child child, int port) {
        child.awaitPort(port, START_LIMIT);
        return child;
    }

    private int askedPort() {
        return server == null ? resolverPort : port;
    }

    @Override
    public void warm() {
        load.warm(lab, askedPort());
    }

    @Override
    public Sample measure() {
        return load.measure(lab, askedPort(), process);
    }

    @Override
    public void close() {
        end(process);
        end(resolver);
        process = null;
        resolver = null;
    }

    private void end(@Nullable Child child) {
        if (child != null) {
            lab.children().end(child);
        }
    }
}
