package dev.outrider.bench.training;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The sidecar that is recorded, as the service runs it: {@code outrider run} on the files of a machine, with a supervisor. One thread. */
final class Machine {

    private static final Duration START_LIMIT = Duration.ofSeconds(30);

    /** It writes the cache before it ends. */
    private static final Duration END_LIMIT = Duration.ofSeconds(60);

    /** Listening ports. */
    record Ports(int dns, int status, int health, int metrics) {}

    /** Whom it asks. */
    record Mesh(int controlPlane, int authority, String rootPem, InetSocketAddress resolver) {}

    private final Path root;
    private final Ports ports;

    private Machine(Path root, Ports ports) {
        this.root = root;
        this.ports = ports;
    }

    static Machine install(Path root, Ports ports, Mesh mesh) throws IOException {
        Machine machine = new Machine(root, ports);
        Map<String, String> env = new LinkedHashMap<>();
        env.put("POD_NAME", "machine");
        env.put("POD_NAMESPACE", "default");
        env.put("SERVICE_ACCOUNT", "vmhttp");
        env.put("PILOT_ADDRESS", "127.0.0.1:" + mesh.controlPlane());
        env.put("PILOT_SAN", MeshAuthority.NAME);
        env.put("CA_ADDR", "127.0.0.1:" + mesh.authority());
        env.put("OUTRIDER_CA_SAN", MeshAuthority.NAME);
        env.put("OUTRIDER_DNS_LISTEN", "127.0.0.1:" + ports.dns());
        env.put("OUTRIDER_DNS_UPSTREAM", "127.0.0.1:" + mesh.resolver().getPort());
        env.put("OUTRIDER_STATUS_PORT", Integer.toString(ports.status()));
        env.put("ENVOY_STATUS_PORT", Integer.toString(ports.health()));
        env.put("ENVOY_PROMETHEUS_PORT", Integer.toString(ports.metrics()));
        StringBuilder file = new StringBuilder();
        env.forEach((name, value) -> file.append(name).append("='").append(value).append("'\n"));
        machine.write("var/lib/istio/envoy/cluster.env", file.toString());
        machine.write("etc/certs/root-cert.pem", mesh.rootPem());
        Files.setPosixFilePermissions(machine.write("var/run/secrets/tokens/istio-token", "training"), PosixFilePermissions.fromString("rw-------"));
        Files.createDirectories(root.resolve("var/lib/outrider/state"));
        Files.createDirectories(root.resolve("run/outrider"));
        return machine;
    }

    private Path write(String path, String text) throws IOException {
        Path file = root.resolve(path);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    InetSocketAddress dns() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.dns());
    }

    /** Returns when it is ready. {@code overlay}: over its bootstrap; {@code flags}: of the JVM. */
    Child start(Children children, Path launcher, ReadySocket supervisor, String overlay, String flags) throws InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "env", "OUTRIDER_BUILD=never", "OUTRIDER_JAVA_OPTS=" + flags,
                "NOTIFY_SOCKET=" + supervisor.path(), "WATCHDOG_USEC=20000000", "RUNTIME_DIRECTORY=" + root.resolve("run/outrider"),
                launcher.toString(), "run", "--root", root.toString(), "--config-yaml", overlay));
        Child child = children.start("machine", Children.Processor.ANY, command);
        if (!supervisor.await(START_LIMIT)) {
            throw new IllegalStateException("not ready after " + START_LIMIT.toSeconds() + " s: " + child.lastWords());
        }
        return child;
    }

    /** What root does when the service starts, as far as it needs no root. */
    void command(Children children, Path launcher, String flags) throws InterruptedException {
        Child child = children.start("command", Children.Processor.ANY, List.of(
                "env", "OUTRIDER_BUILD=never", "OUTRIDER_JAVA_OPTS=" + flags, launcher.toString(), "intercept", "print", "--backend", "nft", "--root", root.toString()));
        int code = child.await(END_LIMIT);
        if (code != 0) {
            throw new IllegalStateException("outrider intercept print ended with code " + code + ": " + child.lastWords());
        }
    }

    /** As systemd stops it. */
    static void stop(Child child) throws InterruptedException {
        int code = child.terminate(END_LIMIT);
        if (code != 0) {
            throw new IllegalStateException("ended with code " + code + ": " + child.lastWords());
        }
    }
}
