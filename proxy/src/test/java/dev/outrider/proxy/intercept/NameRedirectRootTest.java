package dev.outrider.proxy.intercept;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.intercept.plan.InvalidInterceptionPlan;
import dev.outrider.proxy.intercept.resolver.HostDns;
import dev.outrider.proxy.intercept.resolver.ResolverMode;
import dev.outrider.proxy.intercept.resolver.ResolverPlan;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Redirected names in real namespaces, with interception and without. */
@Tag("root")
class NameRedirectRootTest {
    private static final ResolverPlan SHIM = ResolverPlan.of(DnsSettings.defaults(), false);

    @TempDir
    Path root;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

    private HostDns host(Namespaces namespaces, String rules) throws InvalidInterceptionPlan {
        return new HostDns(namespaces.runner(), root, Cases.plan(rules));
    }

    private static String asks(Namespaces.Agent machine, int user, String target) {
        return machine.dial(user, user, "-", target.endsWith(":53") ? "udp" : "tcp", target).split(" ", -1)[0];
    }

    @Test
    void aloneItCapturesNamesAndNothingElse() throws Exception {
        try (var namespaces = new Namespaces()) {
            namespaces.onPeer();
            Namespaces.Agent machine = namespaces.onMachine(false, false);
            String before = namespaces.kernelState();
            HostDns host = host(namespaces, "generated");
            assertEquals(0, host.apply(ResolverMode.REDIRECT, SHIM, out));
            assertEquals("dns-proxy", asks(machine, 1000, "10.0.0.2:53"));
            assertEquals("upstream-resolver", asks(machine, 1337, "10.0.0.2:53"), "the shim's own questions");
            assertEquals("other-resolver", asks(machine, 1000, "8.8.8.8:53"), "a resolver that is not the machine's");
            assertEquals("remote", asks(machine, 1000, "203.0.113.9:80"));
            assertEquals("app", asks(machine, 1337, "10.10.0.5:8080"), "the proxy's user calling this machine");
            String once = namespaces.kernelState();
            assertEquals(0, host.apply(ResolverMode.REDIRECT, SHIM, out));
            assertEquals(once, namespaces.kernelState());
            assertEquals(0, host.verify(SHIM, out));
            assertEquals(0, host.remove(out));
            assertEquals(before, namespaces.kernelState());
        }
    }

    @Test
    void interceptionTakesItsPlaceAndIsNotRemovedWithIt() throws Exception {
        try (var namespaces = new Namespaces()) {
            namespaces.onPeer();
            Namespaces.Agent machine = namespaces.onMachine(false, false);
            HostDns host = host(namespaces, "generated");
            host.apply(ResolverMode.REDIRECT, SHIM, out);
            var interceptor = new Interceptor(namespaces.runner(), root.resolve("run/outrider-interception"));
            interceptor.apply(Cases.plan("generated"), "nft", out);
            assertEquals(0, host.verify(SHIM, out));
            assertEquals(0, host.apply(ResolverMode.REDIRECT, SHIM, out));
            host.remove(out);
            assertEquals("outbound-listener", asks(machine, 1000, "203.0.113.9:80"));
            assertEquals("dns-proxy", asks(machine, 1000, "10.0.0.2:53"));
        }
    }

    @Test
    void interceptionWithoutNamesIsNotOverwritten() throws Exception {
        try (var namespaces = new Namespaces()) {
            var interceptor = new Interceptor(namespaces.runner(), root.resolve("run/outrider-interception"));
            interceptor.apply(Cases.plan("ports"), "nft", out);
            String before = namespaces.kernelState();
            var error = assertThrows(RuleException.class, () -> host(namespaces, "ports").apply(ResolverMode.REDIRECT, SHIM, out));
            assertTrue(error.getMessage().contains("outrider intercept apply"), error.getMessage());
            assertEquals(before, namespaces.kernelState());
        }
    }

    @Test
    void aKilledApplyCanBeRemoved() throws Exception {
        try (var namespaces = new Namespaces()) {
            String before = namespaces.kernelState();
            boolean killed = true;
            for (int command = 1; killed; command++) {
                killed = false;
                try {
                    new HostDns(new MortalRunner(namespaces.runner(), command), root, Cases.plan("generated")).apply(ResolverMode.REDIRECT, SHIM, out);
                } catch (MortalRunner.Killed e) {
                    killed = true;
                }
                host(namespaces, "generated").remove(out);
                assertEquals(before, namespaces.kernelState(), "killed at command " + command);
            }
        }
    }
}
