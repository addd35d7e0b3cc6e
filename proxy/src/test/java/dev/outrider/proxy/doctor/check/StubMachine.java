package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.machine.Machine;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

import static dev.outrider.proxy.identity.Pem.certificates;

/** A machine that is in order, until a test breaks one thing of it. */
final class StubMachine implements Machine {

    static final String IDENTITY = "spiffe://cluster.local/ns/default/sa/default";
    static final String CONTROL_PLANE = "istio-pilot.istio-system";
    static final TestCertificates MESH = new TestCertificates();

    final Path root;
    Instant now = Instant.now();
    String user = "alice";
    Optional<String> ready = Optional.of("LIVE\n");
    String status = status("\"vmhttp 10.150.0.5:8080 HEALTHY\"", 60, 65_536);
    Rules rules = new Rules(true, true, "");
    Optional<String> ruleset = Optional.of("table inet outrider {}\n");
    Map<String, List<String>> names = new HashMap<>(Map.of(CONTROL_PLANE, List.of("10.0.0.1")));
    Dialled dialled;

    StubMachine(Path root) {
        this.root = root;
        String owner = System.getProperty("user.name");
        write("/var/lib/istio/envoy/cluster.env", "ISTIO_CP_AUTH=MUTUAL_TLS\nISTIO_SERVICE_CIDR=10.55.240.0/20\nISTIO_INBOUND_PORTS=3306,8080\nENVOY_USER=" + owner + "\n");
        write("/etc/passwd", "root:x:0:0::/root:/bin/sh\n" + owner + ":x:1337:1337::/:/bin/false\n");
        identity(MESH.leaf(IDENTITY));
        write("/etc/certs/root-cert.pem", MESH.rootPem());
        write("/usr/sbin/nft", "");
        write("/proc/sys/net/netfilter/nf_conntrack_max", "262144\n");
        write("/proc/sys/net/netfilter/nf_conntrack_count", "100\n");
        write("/proc/meminfo", "MemAvailable:     800000 kB\n");
        write("/etc/resolv.conf", "nameserver 10.0.0.53\n");
        write("/etc/nsswitch.conf", "hosts: files dns\n");
        write("/etc/hosts", "127.0.0.1 localhost\n");
        dialled = shows(MESH.leaf("istio-pilot.istio-system", "spiffe://cluster.local/ns/istio-system/sa/istio-pilot-service-account"));
    }

    /** A control plane that shows this certificate. */
    static Dialled shows(Secret.Certificate certificate) {
        return new Dialled(true, chain(certificate), "");
    }

    static List<X509Certificate> chain(Secret.Certificate certificate) {
        try {
            return certificates(certificate.chainPem().toArray());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static String text(Bytes pem) {
        return new String(pem.toArray(), StandardCharsets.UTF_8);
    }

    void identity(Secret.Certificate certificate) {
        write("/etc/certs/cert-chain.pem", text(certificate.chainPem()));
        write("/etc/certs/key.pem", text(certificate.keyPem()));
        mode("/etc/certs/key.pem", "rw-------");
    }

    /** As {@code istioctl x workload entry configure} makes one. */
    void token(Duration life) {
        String claims = "{\"aud\":[\"istio-ca\"],\"exp\":" + now.plus(life).getEpochSecond() + "}";
        write(TokenCheck.TOKEN, "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln\n");
        mode(TokenCheck.TOKEN, "rw-------");
    }

    void write(String path, String text) {
        try {
            Files.createDirectories(file(path).getParent());
            Files.writeString(file(path), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void append(String path, String text) {
        write(path, text(path) + text);
    }

    void mode(String path, String mode) {
        try {
            Files.setPosixFilePermissions(file(path), PosixFilePermissions.fromString(mode));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void delete(String path) {
        try {
            Files.delete(file(path));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Places places() {
        return new Places(root);
    }

    @Override
    public EffectiveSettings settings() {
        return EffectiveSettings.read(places());
    }

    @Override
    public Instant now() {
        return now;
    }

    @Override
    public String user() {
        return user;
    }

    @Override
    public Optional<String> admin(String path) {
        return path.startsWith("/status") ? ready.map(state -> status) : ready;
    }

    /** As the page of the running sidecar. */
    static String status(String registered, int open, int most) {
        return "{\"control_plane\": {\"connected_since\": \"2026-01-01T00:00:00Z\", \"registered\": [" + registered + "]}, \"open_files\": " + open
                + ", \"open_files_limit\": " + most + "}";
    }

    @Override
    public Rules rules() {
        return rules;
    }

    @Override
    public Optional<String> ruleset() {
        return ruleset;
    }

    @Override
    public List<String> resolve(String name) {
        return names.getOrDefault(name, List.of());
    }

    @Override
    public Dialled dial(String host, int port, String serverName) {
        return dialled;
    }
}
