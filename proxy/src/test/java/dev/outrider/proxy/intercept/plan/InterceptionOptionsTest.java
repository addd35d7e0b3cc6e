package dev.outrider.proxy.intercept.plan;

import dev.outrider.proxy.intercept.Cases;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class InterceptionOptionsTest {
    private static final HostFacts HOST = new HostFacts(Cases.addresses("10.10.0.5", "fd00:10::5"), Cases.addresses("10.0.0.2"), 1337, 1338, null);

    @TempDir
    Path root;

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ISTIO_INBOUND_PORTS | 80,http | 'http' is not a port",
        "ISTIO_INBOUND_PORTS | 0 | '0' is not a port",
        "ISTIO_INBOUND_PORTS | 65536 | '65536' is not a port",
        "ISTIO_INBOUND_PORTS | -1 | '-1' is not a port",
        "ISTIO_INBOUND_PORTS | 99999999999 | '99999999999' is not a port",
        "ISTIO_LOCAL_EXCLUDE_PORTS | * | '*' is not a port",
        "ISTIO_SERVICE_CIDR | 10.0.0.0/33 | is not an address range",
        "ISTIO_SERVICE_CIDR | example.com | 'example.com' is not an address range",
        "ISTIO_SERVICE_EXCLUDE_CIDR | * | would exclude everything",
        "ISTIO_EXCLUDE_INTERFACES | eth0 -j ACCEPT | is not an interface name",
        "ISTIO_EXCLUDE_INTERFACES | -j | is not an interface name",
        "ISTIO_EXCLUDE_INTERFACES | sixteencharacters | is not an interface name",
        "KUBE_VIRT_INTERFACES | \"a\" | is not an interface name",
        "PROXY_UID | istio-proxy | is not a numeric user or group id",
        "ISTIO_INBOUND_INTERCEPTION_MODE | NONE | is neither REDIRECT nor TPROXY",
        "ISTIO_META_DNS_CAPTURE | yes | is neither true nor false",
        "ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR | 10.0.0.0/8 | does not lie in 127.0.0.0/8",
        "ISTIO_INBOUND_TPROXY_MARK | 0x539 | is not a whole number",
    })
    void aWrongValueNamesItself(String name, String value, String complaint) {
        var error = assertThrows(InvalidInterceptionPlan.class, () -> InterceptionOptions.plan(Map.of(name, value), HOST));
        assertTrue(error.getMessage().startsWith(name + ": ") && error.getMessage().contains(complaint), error.getMessage());
    }

    @Test
    void allErrorsAreReportedTogether() {
        var error = assertThrows(InvalidInterceptionPlan.class, () -> InterceptionOptions.plan(Map.of("PROXY_UID", "x", "ENVOY_PORT", "y"), HOST));
        assertEquals(2, error.getMessage().lines().count());
    }

    @Test
    void thePagesFileIsEnough() throws Exception {
        InterceptionPlan plan = plan("ISTIO_CP_AUTH", "MUTUAL_TLS", "ISTIO_SERVICE_CIDR", "10.55.240.0/20", "ISTIO_INBOUND_PORTS", "3306,8080");
        assertEquals(List.of(3306, 8080), plan.inbound().include());
        assertFalse(plan.inbound().all());
        assertEquals(1, plan.outbound().include().size());
        assertTrue(plan.dns().capture());
        assertEquals(List.of(1337), plan.owners().uids());
        assertEquals(List.of(1338), plan.owners().gids());
        assertEquals(new InterceptionPlan.Families(true, false), plan.families());
        assertEquals(InterceptionPlan.Mode.REDIRECT, plan.mode());
    }

    @Test
    void sshIsNeverCaptured() throws Exception {
        InterceptionPlan plan = plan("ISTIO_INBOUND_PORTS", "22,8080");
        assertEquals(List.of(8080), plan.inbound().include());
        assertTrue(plan("ISTIO_INBOUND_PORTS", "*").inbound().exclude().contains(22));
    }

    @Test
    void bothNamesOfTheInboundExclusionsCount() throws Exception {
        List<Integer> exclude = plan("ISTIO_INBOUND_PORTS", "*", "ISTIO_LOCAL_EXCLUDE_PORTS", "9001, 22,", "ISTIO_INBOUND_EXCLUDE_PORTS", "9002").inbound().exclude();
        assertEquals(List.of(22, 15020, 15021, 15090, 9001, 9002), exclude);
    }

    @Test
    void lowerCaseModeIsTheMode() throws Exception {
        assertEquals(InterceptionPlan.Mode.TPROXY, plan("ISTIO_INBOUND_INTERCEPTION_MODE", "tproxy").mode());
    }

    @ParameterizedTest
    @CsvSource({"10.1.1.1,true,false", "fd00::1,false,true", "'',true,false"})
    void aHostOfOneFamilyIsCapturedInThat(String address, boolean v4, boolean v6) throws Exception {
        var host = new HostFacts(address.isEmpty() ? List.of() : Cases.addresses(address), List.of(), 1, 1, null);
        assertEquals(new InterceptionPlan.Families(v4, v6), InterceptionOptions.plan(Map.of(), host).families());
    }

    @Test
    void withoutNameserversThereIsNothingToCapture() throws Exception {
        assertFalse(InterceptionOptions.plan(Map.of(), new HostFacts(List.of(), List.of(), 1, 1, null)).dns().capture());
        assertTrue(InterceptionOptions.plan(Map.of("CAPTURE_ALL_DNS", "true"), new HostFacts(List.of(), List.of(), 1, 1, null)).dns().capture());
    }

    @Test
    void theServiceUserAndTheNameserversAreRead() throws Exception {
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), "root:x:0:0::/root:/bin/sh\nistio-proxy:x:998:997::/var/lib/istio:/bin/false\n");
        Files.writeString(root.resolve("etc/resolv.conf"), "# a comment\nnameserver 10.0.0.2\nnameserver fe80::1%eth0\nnameserver nonsense\nsearch x\nnameserver 10.0.0.2\n");
        HostFacts facts = HostFacts.read(root, "istio-proxy");
        assertEquals(998, facts.proxyUid());
        assertEquals(997, facts.proxyGid());
        assertEquals(Cases.addresses("10.0.0.2", "fe80::1"), facts.nameservers());
        assertEquals(1337, HostFacts.read(root, "nobody-of-that-name").proxyUid());
    }

    @Test
    void theSessionIsFoundBehindSudo() throws Exception {
        process("self", "PATH=/bin\0", 40);
        process("40", "SUDO_USER=op\0", 30);
        process("30", "TERM=xterm\0SSH_CONNECTION=192.0.2.7 51000 10.10.0.5 2222\0", 1);
        assertEquals(new InterceptionPlan.SshSession(Cases.addresses("192.0.2.7").getFirst(), 2222), HostFacts.sshSession(root));
    }

    private void process(String id, String environment, int parent) throws Exception {
        Files.createDirectories(root.resolve(id));
        Files.writeString(root.resolve(id).resolve("environ"), environment);
        Files.writeString(root.resolve(id).resolve("status"), "Name:\tx\nPPid:\t" + parent + "\n");
    }

    private static InterceptionPlan plan(String... env) throws InvalidInterceptionPlan {
        return InterceptionOptions.plan(Cases.with(Map.of(), env), HOST);
    }
}
