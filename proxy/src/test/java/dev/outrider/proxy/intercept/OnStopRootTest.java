package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.Interceptor.OnStop;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What becomes of traffic once Outrider has stopped, in namespaces and by both backends. The listeners there are not ours, and go on. */
@Tag("root")
class OnStopRootTest {

    private static final PrintStream OUT = new PrintStream(OutputStream.nullOutputStream());

    @TempDir
    private Path state;

    private static String first(Namespaces.Agent from, int uid, String protocol, String to) throws Exception {
        return from.dial(uid, uid, "-", protocol, to).split(" ", -1)[0];
    }

    @ParameterizedTest
    @CsvSource({
        "OPEN, nft, remote, app, upstream-resolver", "OPEN, iptables, remote, app, upstream-resolver",
        "CLOSED, nft, refused, refused, upstream-resolver", "CLOSED, iptables, refused, refused, upstream-resolver",
        "KEEP, nft, outbound-listener, inbound-listener, dns-proxy", "KEEP, iptables, outbound-listener, inbound-listener, dns-proxy"
    })
    void trafficGoesWhereTheOperatorSaid(OnStop choice, String backend, String out, String in, String names) throws Exception {
        try (var namespaces = new Namespaces()) {
            Namespaces.Agent peer = namespaces.onPeer();
            Namespaces.Agent machine = namespaces.onMachine(false, false);
            String before = namespaces.kernelState();
            var interceptor = new Interceptor(namespaces.runner(), state);
            interceptor.apply(Cases.plan("generated"), backend, OUT);
            assertEquals(0, interceptor.stopped(choice, Cases.plan("generated"), backend, OUT));
            assertEquals(out, first(machine, 1000, "tcp", "203.0.113.9:80"), "a program to the mesh");
            assertEquals(in, first(peer, 0, "tcp", "10.10.0.5:8080"), "a peer to this machine");
            assertEquals(names, first(machine, 1000, "udp", "10.0.0.2:53"), "names");
            assertEquals("app", first(peer, 0, "tcp", "10.10.0.5:22"), "SSH, whatever was chosen");
            assertEquals("app", first(machine, 1000, "tcp", "10.10.0.5:8080"), "this machine to itself");
            assertEquals("remote", first(machine, 1337, "tcp", "203.0.113.9:80"), "Outrider's own user");
            // The next start replaces what was left, and leaving takes it away.
            interceptor.apply(Cases.plan("generated"), backend, OUT);
            assertEquals("outbound-listener", first(machine, 1000, "tcp", "203.0.113.9:80"));
            interceptor.stopped(choice, Cases.plan("generated"), backend, OUT);
            interceptor.remove(OUT);
            assertEquals(before, namespaces.kernelState());
        }
    }

    @ParameterizedTest
    @CsvSource({"transparent-dual, nft", "transparent-dual, iptables", "guests, nft", "guests, iptables", "everything, nft", "everything, iptables"})
    void everyKindOfPlanCanBeClosedAndLeavesNothing(String rules, String backend) throws Exception {
        try (var namespaces = new Namespaces()) {
            Namespaces.Agent guest = namespaces.onGuest();
            namespaces.onPeer();
            String before = namespaces.kernelState();
            var interceptor = new Interceptor(namespaces.runner(), state);
            interceptor.apply(Cases.plan(rules), backend, OUT);
            interceptor.stopped(OnStop.CLOSED, Cases.plan(rules), backend, OUT);
            assertEquals(0, interceptor.verify(OUT));
            if (rules.equals("guests")) {
                assertEquals("refused", first(guest, 0, "tcp", "203.0.113.9:80"));
            }
            interceptor.remove(OUT);
            assertEquals(before, namespaces.kernelState());
        }
    }

    @Test
    void whereNothingIsCapturedNothingIsClosed() throws Exception {
        try (var namespaces = new Namespaces()) {
            String before = namespaces.kernelState();
            new Interceptor(namespaces.runner(), state).stopped(OnStop.CLOSED, Cases.plan("generated"), "auto", OUT);
            assertEquals(before, namespaces.kernelState());
        }
    }

    @Test
    void aPlanThatCannotBeMadeAnyMoreKeepsTheRules() throws Exception {
        try (var namespaces = new Namespaces()) {
            var interceptor = new Interceptor(namespaces.runner(), state);
            interceptor.apply(Cases.plan("generated"), "auto", OUT);
            String once = namespaces.kernelState();
            assertTrue(once.contains("15001"));
            interceptor.stopped(OnStop.CLOSED, null, "auto", OUT);
            assertEquals(once, namespaces.kernelState());
        }
    }
}
