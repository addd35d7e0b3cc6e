package dev.outrider.bench.soak;

import dev.outrider.bench.load.LoadProcess;
import dev.outrider.bench.peer.Credentials;
import dev.outrider.bench.peer.EnvoyConfig;
import dev.outrider.bench.peer.Hop;
import dev.outrider.bench.peer.Hop.Kind;
import dev.outrider.bench.peer.Hop.Security;
import dev.outrider.bench.peer.OutriderPeer;
import dev.outrider.bench.peer.ProxyPlan;
import dev.outrider.bench.peer.ProxyPlan.Features;
import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children;
import dev.outrider.bench.process.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

/**
 * Two sidecars whose configuration comes from watched files: the client's with an HTTP, a gRPC and a mutual-TLS listener, with Istio's filters and an
 * access log; the server's at the other end of mutual TLS. One thread.
 */
final class SoakMesh {

    private static final Duration START_LIMIT = Duration.ofSeconds(30);
    private static final int DRAIN_SECONDS = 20;
    private static final int CLUSTERS = 100;
    private static final int VARIATION = 10;

    private final Path directory;
    private final Credentials files;
    private final List<Hop> clientHops;
    private final List<Hop> serverHops;
    private final Watched client;
    private final Watched server;
    private int pushes;

    SoakMesh(Path home, Path directory, Children children, Ports ports, LoadProcess load) {
        this.directory = directory;
        files = Credentials.write(directory);
        serverHops = List.of(new Hop(Kind.TCP, Security.TOWARDS_CLIENT, ports.free(), load.httpPort()));
        clientHops = List.of(
                new Hop(Kind.HTTP, Security.NONE, ports.free(), load.httpPort()),
                new Hop(Kind.GRPC, Security.NONE, ports.free(), load.grpcPort()),
                new Hop(Kind.TCP, Security.TOWARDS_TARGET, ports.free(), serverHops.getFirst().listenPort()));
        OutriderPeer outrider = new OutriderPeer(home);
        server = start(outrider, children, "server", serverHops, ports.free());
        client = start(outrider, children, "client", clientHops, ports.free());
    }

    private Watched start(OutriderPeer outrider, Children children, String name, List<Hop> hops, int adminPort) {
        EnvoyConfig config = write(name, hops, adminPort);
        Path bootstrap = directory.resolve(name + ".json");
        put(bootstrap, config.watching(listeners(name).toString(), clusters(name).toString()));
        Child child = outrider.launch(children, Children.Processor.ANY, name, bootstrap.toString(), DRAIN_SECONDS);
        hops.forEach(hop -> child.awaitPort(hop.listenPort(), START_LIMIT));
        return new Watched(child, adminPort);
    }

    /** Both get new clusters, and their listeners new virtual hosts. */
    void push() {
        pushes++;
        write("client", clientHops, client.adminPort());
        write("server", serverHops, server.adminPort());
    }

    int pushes() {
        return pushes;
    }

    int httpPort() {
        return clientHops.get(0).listenPort();
    }

    int grpcPort() {
        return clientHops.get(1).listenPort();
    }

    int tlsPort() {
        return clientHops.get(2).listenPort();
    }

    List<Watched> processes() {
        return List.of(client, server);
    }

    private EnvoyConfig write(String name, List<Hop> hops, int adminPort) {
        Features features = new Features(true, true, CLUSTERS + pushes % VARIATION);
        EnvoyConfig config = new EnvoyConfig(new ProxyPlan(name, hops, adminPort, features), files, "/dev/null");
        put(clusters(name), config.clusterResources());
        put(listeners(name), config.listenerResources());
        return config;
    }

    private Path listeners(String name) {
        return directory.resolve(name + "-listeners.json");
    }

    private Path clusters(String name) {
        return directory.resolve(name + "-clusters.json");
    }

    /** Moved into place, as Envoy's file watch wants it. */
    private static void put(Path file, String text) {
        try {
            Path fresh = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), text);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
