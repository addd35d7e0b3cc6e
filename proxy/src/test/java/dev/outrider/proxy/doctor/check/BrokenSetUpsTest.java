package dev.outrider.proxy.doctor.check;

import dev.outrider.proxy.doctor.check.Finding.Level;
import dev.outrider.proxy.doctor.machine.Machine;
import dev.outrider.proxy.identity.TestCertificates;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.outrider.proxy.doctor.check.Finding.Level.ERROR;
import static dev.outrider.proxy.doctor.check.Finding.Level.WARNING;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Ways in which a machine is set up wrongly, and what the doctor must say of each: the cause, and what to do. */
class BrokenSetUpsTest {

    private static final String ENV = "/var/lib/istio/envoy/cluster.env";
    private static final String CHAIN = "/etc/certs/cert-chain.pem";
    private static final String KEY = "/etc/certs/key.pem";
    private static final String ROOT = "/etc/certs/root-cert.pem";

    @TempDir
    private Path root;

    private record Broken(String name, Consumer<StubMachine> how, Level level, String check, String cause, String remedy) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static Broken of(String name, Consumer<StubMachine> how, Level level, String check, String cause, String remedy) {
        return new Broken(name, how, level, check, cause, remedy);
    }

    static Stream<Broken> files() {
        return Stream.of(
                of("no cluster.env", m -> m.delete(ENV), ERROR, "settings", "cluster.env is missing", "outrider join"),
                of("empty cluster.env", m -> m.write(ENV, "\n"), ERROR, "settings", "missing or empty", "copy the cluster.env"),
                of("a shell in cluster.env", m -> m.append(ENV, "POD_NAME=$(hostname)\n"), ERROR, "settings", "cluster.env:5: POD_NAME", "correct that line"),
                of("a wrong range", m -> m.append(ENV, "ISTIO_SERVICE_CIDR=10.55/20\n"), ERROR, "settings", "ISTIO_SERVICE_CIDR is '10.55/20'", "config check"),
                of("an unknown key", m -> m.write("/etc/outrider/outrider.yaml", "dns: {ttk: 3s}\n"), ERROR, "settings", "did you mean dns.ttl", "correct that line"),
                of("a file that is no YAML", m -> m.write("/etc/outrider/outrider.yaml", "dns: [\n"), ERROR, "settings", "is not YAML", "correct that line"),
                of("nothing goes out through the mesh", m -> m.write(ENV, "ISTIO_CP_AUTH=MUTUAL_TLS\n"), WARNING, "settings", "ISTIO_SERVICE_CIDR) is empty", "service range"),
                of("SSH among the inbound ports", m -> m.append(ENV, "ISTIO_INBOUND_PORTS=22,8080\n"), WARNING, "settings", "names 22", "remove it"),
                of("no service user", m -> m.write("/etc/passwd", "daemon:x:1:1::/:/usr/sbin/nologin\n"), ERROR, "user", "there is no user", "useradd --system"),
                of("asked as root", m -> m.user = "root", WARNING, "user", "you are root", "sudo -u nobody"),
                of("an identity of a port without its files", m -> m.append(ENV, "OUTRIDER_IDENTITIES='{\"pay\":{\"inboundPorts\":[9443],\"directory\":\"/etc/pay\"}}'\n"),
                        ERROR, "certificates", "pay/cert-chain.pem is missing", "pay's ports [9443] refuse TLS"),
                of("an identity without its token", m -> m.append(ENV, "OUTRIDER_IDENTITIES='{\"pay\":{\"inboundPorts\":[9443],\"token\":\"/pay\",\"serviceAccount\":\"pay\"}}'\n"),
                        ERROR, "certificates", "pay is missing", "kubectl create token pay"),
                of("a secret that all can read", m -> m.mode(KEY, "rw-r--r--"), WARNING, "modes", "key.pem can be read by others", "chmod 600"),
                of("a token that all can read", m -> {
                    m.token(Duration.ofHours(1));
                    m.mode(TokenCheck.TOKEN, "rwxr--r--");
                }, WARNING, "modes", "istio-token can be read by others", "chmod 600"),
                of("wrong owner", m -> m.append(ENV, "ENVOY_USER=istio-proxy\n"), ERROR, "modes", "cannot be read by istio-proxy", "chown istio-proxy"),
                of("cluster.env that all can write", m -> m.mode(ENV, "rw-rw-rw-"), ERROR, "modes", "can be written by everyone", "chmod 644"),
                of("no root certificate", m -> m.delete(ROOT), ERROR, "certificates", "root-cert.pem is missing", "copy it there"),
                of("no certificate and no token", m -> m.delete(CHAIN), ERROR, "certificates", "cert-chain.pem is missing", "istio.default"),
                of("no key", m -> m.delete(KEY), ERROR, "certificates", "key.pem is missing", "service user alone"),
                of("a key cut short", m -> m.write(KEY, m.text(KEY).substring(0, 60)), ERROR, "certificates", "key.pem", "copy it again"),
                of("a certificate in DER", m -> m.write(CHAIN, "0\u0082\u0003"), ERROR, "certificates", "holds no PEM certificate", "-----BEGIN CERTIFICATE-----"),
                of("the key of another certificate", m -> m.write(KEY, StubMachine.text(StubMachine.MESH.leaf(StubMachine.IDENTITY).keyPem())), ERROR, "certificates", "is not the key of", "same secret"),
                of("the certificate of another mesh", m -> m.identity(new TestCertificates().leaf(StubMachine.IDENTITY)), ERROR, "certificates", "was not issued under", "same mesh"),
                of("expired", m -> m.now = m.now.plus(Duration.ofDays(2)), ERROR, "certificates", "expired at", "fetch a new one"),
                of("expires soon", m -> m.now = m.now.plus(Duration.ofHours(23)), WARNING, "certificates", "expires at", "renewed"),
                of("clock far behind", m -> m.now = m.now.minus(Duration.ofDays(40)), ERROR, "certificates", "this machine's clock says", "timedatectl"),
                of("no SPIFFE name", m -> m.identity(StubMachine.MESH.leaf("vm.example")), ERROR, "certificates", "carries no spiffe:// name", "service account"),
                of("the identity of another namespace", m -> m.identity(StubMachine.MESH.leaf("spiffe://cluster.local/ns/shop/sa/default")), WARNING, "certificates", "/ns/shop/", "workload.namespace"),
                of("expired token", m -> m.token(Duration.ofHours(-1)), WARNING, "token", "expired at", "--tokenDuration"),
                of("a token that is none", m -> m.write(TokenCheck.TOKEN, "<html>"), ERROR, "token", "no JSON web token", "istio-token"));
    }

    static Stream<Broken> surroundings() {
        return Stream.of(
                of("a port taken", m -> {
                    m.ready = Optional.empty();
                    m.write("/proc/net/tcp", "  sl  local_address rem_address   st\n   0: 00000000:3A99 00000000:0000 0A 0\n");
                }, ERROR, "ports", "port 15001 is taken", "ss -ltnp"),
                of("listeners of services outside loopback", m -> m.append(ENV, "OUTRIDER_SERVICE_RANGE=10.64.0.0/16\n"), ERROR, "settings", "OUTRIDER_SERVICE_RANGE is '10.64.0.0/16'", "config check"),
                of("listeners of services and no names", m -> m.append(ENV, "OUTRIDER_SERVICE_RANGE=127.64.0.0/16\nISTIO_META_DNS_CAPTURE=false\n"),
                        WARNING, "uncaptured", "no name leads to them", "switch dns.enabled on"),
                of("listeners of services at ports of root's", m -> {
                    m.append(ENV, "OUTRIDER_SERVICE_RANGE=127.64.0.0/16\n");
                    m.write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "1024\n");
                }, WARNING, "uncaptured", "ports below 1024", "ip_unprivileged_port_start=80"),
                of("the explicit port taken", m -> {
                    m.ready = Optional.empty();
                    m.append(ENV, "OUTRIDER_EXPLICIT_PORT=15081\n");
                    m.write("/proc/net/tcp", "  sl  local_address rem_address   st\n   0: 0100007F:3AE9 00000000:0000 0A 0\n");
                }, ERROR, "ports", "port 15081 is taken", "ss -ltnp"),
                of("a port taken over IPv6", m -> {
                    m.ready = Optional.empty();
                    m.write("/proc/net/tcp6", "  sl  local st\n 0: 00000000000000000000000000000000:3ACD 00:0000 0A 0\n");
                }, ERROR, "ports", "port 15053 is taken", "ss -ltnp"),
                of("neither nft nor iptables", m -> m.delete("/usr/sbin/nft"), ERROR, "kernel", "neither nft nor iptables", "install nftables"),
                of("no connection tracking", m -> m.delete("/proc/sys/net/netfilter/nf_conntrack_max"), ERROR, "kernel", "nf_conntrack", "modprobe"),
                of("connection tracking full", m -> m.write("/proc/sys/net/netfilter/nf_conntrack_count", "262000\n"), WARNING, "kernel", "262000 of 262144", "sysctl -w"),
                of("no memory", m -> {
                    m.ready = Optional.empty();
                    m.write("/proc/meminfo", "MemAvailable:     51200 kB\n");
                }, WARNING, "kernel", "only 50 MiB", "swap"),
                of("rules flushed", m -> m.rules = new Machine.Rules(true, true, "- table inet outrider"), ERROR, "rules", "not as installed", "intercept apply"),
                of("rules never applied", m -> m.rules = new Machine.Rules(true, false, ""), ERROR, "rules", "none are installed", "--rollback-after"),
                of("not root", m -> m.rules = new Machine.Rules(false, false, ""), WARNING, "rules", "root alone", "sudo outrider doctor"),
                of("docker", m -> m.ruleset = Optional.of("-A PREROUTING -j DOCKER\n"), WARNING, "firewall", "docker publishes", "127.0.0.1"),
                of("firewalld", m -> m.ruleset = Optional.of("table inet firewalld {\n"), WARNING, "firewall", "firewalld is active", "outrider-guard"),
                of("a firewall that drops", m -> m.ruleset = Optional.of("type filter hook input priority filter; policy drop;\n"), WARNING, "firewall", "drops by default", "15006"),
                of("ufw", m -> m.ruleset = Optional.of("*filter\n:INPUT DROP [0:0]\n"), WARNING, "firewall", ":INPUT DROP", "15006"),
                of("Istio's own rules", m -> m.ruleset = Optional.of(":ISTIO_OUTPUT - [0:0]\n"), ERROR, "firewall", "taken twice", "ISTIO_ chains"),
                of("no name server", m -> m.write("/etc/resolv.conf", "search corp\n"), ERROR, "resolver", "names no server", "systemd-resolved"),
                of("resolved is dead", m -> m.write("/etc/resolv.conf", "nameserver 127.0.0.53\n"), ERROR, "resolver", "resolved does not run", "systemctl start"),
                of("nsswitch without DNS", m -> m.write("/etc/nsswitch.conf", "hosts: files\n"), ERROR, "resolver", "asks no DNS", "add 'dns'"),
                of("mesh names in hosts", m -> m.append("/etc/hosts", "10.55.0.1 productpage.default.svc.cluster.local\n"), WARNING, "resolver", "hide what the mesh says", "remove them"));
    }

    static Stream<Broken> controlPlane() {
        return Stream.of(
                of("the gateway has no address", m -> m.names.clear(), ERROR, "control plane", "has no address", "--gateway IP"),
                of("a wrong port", m -> m.dialled = new Machine.Dialled(false, List.of(), "refused"), ERROR, "control plane", "refused", "exposed by the mesh's gateway"),
                of("a firewall on the way", m -> m.dialled = new Machine.Dialled(false, List.of(), "timed out"), ERROR, "control plane", "timed out", "open 15012"),
                of("no route", m -> m.dialled = new Machine.Dialled(false, List.of(), "unreachable"), ERROR, "control plane", "unreachable", "ip route get"),
                of("plaintext", m -> m.dialled = new Machine.Dialled(true, List.of(), "Unsupported or unrecognized SSL message"), ERROR, "control plane", "does not speak TLS", "15012"),
                of("another mesh", m -> m.dialled = StubMachine.shows(new TestCertificates().leaf(StubMachine.CONTROL_PLANE)), ERROR, "control plane", "is not of the mesh", "another cluster"),
                of("wrong name", m -> m.dialled = StubMachine.shows(StubMachine.MESH.leaf("istiod-canary.istio-system.svc")), ERROR, "control plane", "istiod-canary", "PILOT_SAN"),
                of("its certificate expired", m -> m.dialled = StubMachine.shows(StubMachine.MESH.leaf(Duration.ofSeconds(-60), StubMachine.CONTROL_PLANE)), ERROR, "control plane", "expired", "renew"),
                of("an address that is none", m -> m.append(ENV, "PILOT_ADDRESS=istiod\n"), ERROR, "settings", "PILOT_ADDRESS is 'istiod'", "correct that line"),
                of("nobody knows the service here", m -> m.status = StubMachine.status("", 60, 65_536), WARNING, "registration", "nobody calls ports 3306,8080", "outrider register"),
                of("the group's labels fit no Service", m -> {
                    m.append(ENV, "ISTIO_META_AUTO_REGISTER_GROUP=vmhttp\n");
                    m.status = StubMachine.status("", 60, 65_536);
                }, WARNING, "registration", "WorkloadGroup vmhttp", "kubectl get workloadentry -n default"),
                of("held for unhealthy", m -> m.status = StubMachine.status("\"vmhttp 10.150.0.5:8080 UNHEALTHY\"", 60, 65_536), WARNING, "registration", "sends nobody here", "workload.probe"),
                of("few files", m -> m.status = StubMachine.status("\"a\"", 60, 1024), WARNING, "limits", "about 512 connections", "LimitNOFILE"),
                of("files used up", m -> m.status = StubMachine.status("\"a\"", 60_000, 65_536), WARNING, "limits", "60000 of 65536", "systemctl edit outrider"),
                of("no time server", m -> m.write("/run/systemd/timesync/clock", ""), WARNING, "clock", "has not reached a time server", "timedatectl timesync-status"),
                of("not running", m -> m.ready = Optional.empty(), ERROR, "sidecar", "does not run", "systemctl start outrider"),
                of("not ready", m -> m.ready = Optional.of("INITIALIZING\nwaiting for the control plane\n"), ERROR, "sidecar", "INITIALIZING", "journalctl"),
                of("a refused policy", m -> m.ready = Optional.of("LIVE\npolicy-not-applied: listener virtualInbound\n"), WARNING, "sidecar", "virtualInbound", "not built"));
    }

    @ParameterizedTest
    @MethodSource({"files", "surroundings", "controlPlane"})
    void theDoctorNamesCauseAndRemedy(Broken broken) {
        StubMachine machine = new StubMachine(root);
        broken.how().accept(machine);
        List<Finding> wrong = look(machine).stream().filter(finding -> finding.level() != Level.OK).toList();
        Finding found = wrong.stream().filter(finding -> finding.check().equals(broken.check()) && finding.what().contains(broken.cause())).findFirst().orElse(null);
        assertTrue(found != null, "not found among " + wrong);
        assertEquals(broken.level(), found.level());
        assertTrue(found.remedy().contains(broken.remedy()), found.remedy());
    }

    @Test
    void ofAMachineInOrderNothingIsSaid() {
        List<Finding> all = look(new StubMachine(root));
        assertEquals(List.of(), all.stream().filter(finding -> finding.level() != Level.OK).toList());
        assertEquals(Check.all().size(), all.size());
    }

    @Test
    void aMachineWithATokenNeedsNoCertificateYet() {
        StubMachine machine = new StubMachine(root);
        machine.token(Duration.ofHours(1));
        machine.delete(CHAIN);
        machine.delete(KEY);
        assertEquals(List.of(), look(machine).stream().filter(finding -> finding.level() != Level.OK).toList());
    }

    private static List<Finding> look(Machine machine) {
        return Check.all().stream().flatMap(check -> check.look(machine).stream()).toList();
    }
}
