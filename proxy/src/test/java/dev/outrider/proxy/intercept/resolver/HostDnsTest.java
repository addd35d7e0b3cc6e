package dev.outrider.proxy.intercept.resolver;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.intercept.RuleException;
import dev.outrider.proxy.intercept.plan.HostFacts;
import dev.outrider.proxy.intercept.plan.InterceptionOptions;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class HostDnsTest {
    private static final String OWN = "# by dhclient\nnameserver 10.0.0.2\nsearch corp.example\noptions rotate timeout:2\n";

    @TempDir
    Path root;

    private final FakeResolved tools = new FakeResolved();
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
    private MachineTree machine;

    @BeforeEach
    void machine() throws Exception {
        machine = new MachineTree(root);
        machine.write("var/lib/dpkg/status", "", "rw-r--r--");
        Files.createDirectories(root.resolve("etc/systemd"));
        machine.write("run/systemd/resolve/resolv.conf", "nameserver 10.0.0.2\n", "rw-r--r--");
        machine.write("run/systemd/resolve/stub-resolv.conf", "nameserver 127.0.0.53\n", "rw-r--r--");
    }

    private HostDns host(AtomicFiles files) throws Exception {
        InterceptionPlan plan = InterceptionOptions.plan(Map.of(), new HostFacts(List.of(), List.of(), 1337, 1337, null));
        return new HostDns(tools, root, plan, files);
    }

    private HostDns host() throws Exception {
        return host(new AtomicFiles());
    }

    private static ResolverPlan plan(int port, boolean search) {
        return ResolverPlan.of(DnsSettings.defaults().withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)), search);
    }

    /** The ways in which machines have their resolv.conf. */
    private void resolvConf(String kind) throws Exception {
        switch (kind) {
            case "file" -> machine.write("etc/resolv.conf", OWN, "rw-rw-r--");
            case "stub" -> machine.link("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
            case "dangling" -> machine.link("etc/resolv.conf", "../run/nothing/resolv.conf");
            case "latin" -> Files.write(root.resolve("etc/resolv.conf"), "# Café\nnameserver 10.0.0.2\n".getBytes(StandardCharsets.ISO_8859_1));
            default -> assertEquals("none", kind);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"file", "stub", "dangling", "none"})
    void everythingComesBackWhereverACommandIsKilled(String kind) throws Exception {
        resolvConf(kind);
        Map<String, String> before = machine.picture();
        for (ResolverMode mode : List.of(ResolverMode.RESOLVCONF, ResolverMode.RESOLVED_DROPIN)) {
            boolean finished = false;
            for (int changes = 1; !finished; changes++) {
                finished = survives(mode, changes);
                host().remove(out);
                assertEquals(before, machine.picture(), mode + " killed at change " + changes);
            }
        }
    }

    /** Applies, applies other settings, removes; returns whether all of it was done with so many changes of files. */
    private boolean survives(ResolverMode mode, int changes) throws Exception {
        var files = new MortalFiles(changes);
        try {
            host(files).apply(mode, plan(53, false), out);
            host(files).apply(mode, plan(53, true), out);
            host(files).remove(out);
            return true;
        } catch (MortalFiles.Killed e) {
            return false;
        }
    }

    @Test
    void resolvConfNamesTheShimFirstAndKeepsTheRestBehindIt() throws Exception {
        resolvConf("file");
        host().apply(ResolverMode.RESOLVCONF, plan(53, true), out);
        assertEquals(
                ResolvConfAdapter.MARK + "\nnameserver 127.0.0.1\n# by dhclient\nnameserver 10.0.0.2\nsearch corp.example\noptions timeout:2\n"
                        + "search default.svc.cluster.local svc.cluster.local cluster.local corp.example\n",
                Files.readString(root.resolve("etc/resolv.conf")));
        assertEquals(0, host().verify(plan(53, true), out));
        assertEquals(1, host().verify(plan(53, false), out), "other settings would be written now");
    }

    @ParameterizedTest
    @EnumSource(value = ResolverMode.class, names = {"RESOLVCONF", "RESOLVED_DROPIN", "RESOLVED_LINK"})
    void applyingTwiceChangesOnce(ResolverMode mode) throws Exception {
        resolvConf("stub");
        host().apply(mode, plan(53, false), out);
        Map<String, String> once = machine.picture();
        List<String> commands = List.copyOf(tools.commands);
        host().apply(mode, plan(53, false), out);
        once.replaceAll((path, about) -> path.equals("var/lib/outrider-dns/mode") ? "" : about);
        Map<String, String> twice = machine.picture();
        twice.replaceAll((path, about) -> path.equals("var/lib/outrider-dns/mode") ? "" : about);
        assertEquals(once, twice);
        assertEquals(commands, tools.commands);
        assertEquals(0, host().verify(plan(53, false), out));
    }

    @Test
    void whatSomebodyChangedInOurTextIsNotLost() throws Exception {
        resolvConf("file");
        host().apply(ResolverMode.RESOLVCONF, plan(53, false), out);
        Path file = root.resolve("etc/resolv.conf");
        Files.writeString(file, Files.readString(file) + "nameserver 10.0.0.3\n");
        Map<String, String> changed = machine.picture();
        for (HostCommand command : List.<HostCommand>of(h -> h.remove(out), h -> h.apply(ResolverMode.RESOLVCONF, plan(53, true), out))) {
            var error = assertThrows(RuleException.class, () -> command.run(host()));
            assertTrue(error.getMessage().contains(file + " was changed since Outrider wrote it"), error.getMessage());
        }
        changed.remove("var/lib/outrider-dns/mode");
        Map<String, String> after = machine.picture();
        after.remove("var/lib/outrider-dns/mode");
        assertEquals(changed, after);
    }

    private interface HostCommand {
        int run(HostDns host) throws RuleException;
    }

    @Test
    void whatSomebodyWroteAnewInItsPlaceStays() throws Exception {
        resolvConf("file");
        host().apply(ResolverMode.RESOLVCONF, plan(53, false), out);
        machine.write("etc/resolv.conf", "nameserver 192.168.1.1\n", "rw-r--r--");
        Map<String, String> written = machine.picture();
        host().apply(ResolverMode.RESOLVCONF, plan(53, false), out);
        assertTrue(Files.readString(root.resolve("etc/resolv.conf")).endsWith("nameserver 127.0.0.1\nnameserver 192.168.1.1\n"));
        host().remove(out);
        assertEquals(written.get("etc/resolv.conf"), machine.picture().get("etc/resolv.conf"));
        assertFalse(Files.exists(root.resolve("etc/resolv.conf.before-outrider")));
    }

    @Test
    void bytesThatAreNoUtf8ComeBack() throws Exception {
        resolvConf("latin");
        byte[] before = Files.readAllBytes(root.resolve("etc/resolv.conf"));
        host().apply(ResolverMode.RESOLVCONF, plan(53, false), out);
        assertEquals(0, host().verify(plan(53, false), out));
        host().remove(out);
        assertEquals(new String(before, StandardCharsets.ISO_8859_1), Files.readString(root.resolve("etc/resolv.conf"), StandardCharsets.ISO_8859_1));
    }

    @Test
    void resolvConfCannotNameAPort() throws Exception {
        resolvConf("file");
        Map<String, String> before = machine.picture();
        var error = assertThrows(RuleException.class, () -> host().apply(ResolverMode.RESOLVCONF, plan(15053, false), out));
        assertTrue(error.getMessage().contains("OUTRIDER_DNS_LISTEN=127.0.0.1:53"), error.getMessage());
        assertEquals(before, machine.picture());
    }

    @Test
    void theLinkIsToldTheZonesAndTheServerLast() throws Exception {
        host().apply(ResolverMode.RESOLVED_LINK, plan(15053, true), out);
        assertEquals(List.of("127.0.0.1:15053"), tools.link.get("dns"));
        List<String> domains = tools.link.get("domain");
        assertEquals(List.of("default.svc.cluster.local", "svc.cluster.local", "cluster.local", "~svc", "~default", "~240.240.in-addr.arpa"), domains.subList(0, 6));
        assertEquals(List.of("no"), tools.link.get("default-route"));
        assertEquals("resolvectl dns outrider0 127.0.0.1:15053", tools.commands.get(tools.commands.size() - 2));
        assertEquals(0, host().verify(plan(15053, true), out));
        tools.link.put("dns", List.of("10.0.0.2"));
        assertEquals(1, host().verify(plan(15053, true), out));
        assertTrue(said.toString(StandardCharsets.UTF_8).contains("resolvectl dns outrider0: 10.0.0.2 instead of 127.0.0.1:15053"), said.toString(StandardCharsets.UTF_8));
    }

    @Test
    void aLinkIsTakenAwayWhereverACommandIsKilled() throws Exception {
        boolean finished = false;
        for (int commands = 1; !finished; commands++) {
            tools.left = commands;
            try {
                host().apply(ResolverMode.RESOLVED_LINK, plan(15053, false), out);
                host().remove(out);
                finished = true;
            } catch (MortalFiles.Killed e) {
                tools.left = Integer.MAX_VALUE;
            }
            host().remove(out);
            assertFalse(tools.linkIsThere(), "killed at command " + commands);
        }
    }

    @Test
    void aKernelWithoutDummyLinksGetsABridge() throws Exception {
        tools.refuses = "ip link add outrider0 type dummy";
        host().apply(ResolverMode.RESOLVED_LINK, plan(15053, false), out);
        assertEquals("ip link add outrider0 type bridge", tools.commands.getFirst());
        assertEquals(0, host().verify(plan(15053, false), out));
    }

    @Test
    void aLinkOfSomebodyElseIsLeftAlone() throws Exception {
        tools.run(List.of("ip", "link", "add", "outrider0", "type", "dummy"), "");
        assertThrows(RuleException.class, () -> host().apply(ResolverMode.RESOLVED_LINK, plan(15053, false), out));
        assertTrue(tools.linkIsThere());
    }

    @Test
    void afterARebootTheLinkIsMadeAgain() throws Exception {
        host().apply(ResolverMode.RESOLVED_LINK, plan(15053, false), out);
        tools.run(List.of("ip", "link", "del", "outrider0"), "");
        assertEquals(1, host().verify(plan(15053, false), out));
        host().apply(ResolverMode.RESOLVED_LINK, plan(15053, false), out);
        assertEquals(0, host().verify(plan(15053, false), out));
    }

    @ParameterizedTest
    @CsvSource({"RESOLVED_LINK, resolvectl dns, refused", "RESOLVED_LINK, ip link set, refused", "RESOLVED_DROPIN, systemctl, refused"})
    void aRefusalLeavesNothing(ResolverMode mode, String command, String says) throws Exception {
        Map<String, String> before = machine.picture();
        tools.refuses = command;
        var error = assertThrows(RuleException.class, () -> host().apply(mode, plan(15053, false), out));
        assertTrue(error.getMessage().contains(says), error.getMessage());
        tools.refuses = "never";
        host().remove(out);
        assertEquals(before, machine.picture());
        assertFalse(tools.linkIsThere());
    }

    @Test
    void anotherModeTakesTheEarlierOneBack() throws Exception {
        resolvConf("stub");
        Map<String, String> before = machine.picture();
        host().apply(ResolverMode.RESOLVCONF, plan(53, false), out);
        host().apply(ResolverMode.RESOLVED_LINK, plan(53, false), out);
        assertEquals("-> ../run/systemd/resolve/stub-resolv.conf", machine.picture().get("etc/resolv.conf"));
        host().apply(ResolverMode.NONE, plan(53, false), out);
        assertEquals(before, machine.picture());
        assertFalse(tools.linkIsThere());
    }

    @ParameterizedTest
    @CsvSource({"default, true", "team-a, true", "dev, false", "xn--p1ai, false"})
    void aNamespaceThatMayBeATopLevelDomainIsNotRouted(String namespace, boolean routed) {
        DnsSettings defaults = DnsSettings.defaults();
        ResolverPlan plan = ResolverPlan.of(defaults.withMesh(defaults.mesh().withNamespace(namespace)), false);
        assertEquals(routed, plan.domains().contains("~" + namespace));
    }
}
