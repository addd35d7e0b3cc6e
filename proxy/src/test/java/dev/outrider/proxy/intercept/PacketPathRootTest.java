package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Real connections in namespaces of their own, under the rules of both backends. */
@Tag("root")
class PacketPathRootTest {
    @TempDir
    Path state;

    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);

    /** Every case of the table, by either backend. */
    static Stream<Arguments> cases() throws IOException {
        return PacketTable.rows("packet-paths.tsv").stream().map(row -> row[0]).distinct()
                .flatMap(rules -> Stream.of(Arguments.of(rules, "nft"), Arguments.of(rules, "iptables")));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyConnectionTakesItsPath(String rules, String backend) throws Exception {
        try (var namespaces = new Namespaces()) {
            Namespaces.Agent peer = namespaces.onPeer();
            Namespaces.Agent guest = namespaces.onGuest();
            Map<String, String> settings = Cases.environment(rules);
            Namespaces.Agent machine = namespaces.onMachine(settings.containsKey("ISTIO_DUAL_STACK"), settings.containsValue("TPROXY"));
            new Interceptor(namespaces.runner(), state).apply(Cases.plan(rules), backend, out);
            var wrong = new ArrayList<String>();
            int flows = 0;
            for (String[] row : rows(rules)) {
                Namespaces.Agent from = switch (row[1]) {
                    case "peer" -> peer;
                    case "guest" -> guest;
                    default -> machine;
                };
                int uid = switch (row[1]) {
                    case "proxy" -> 1337;
                    case "root", "peer", "guest" -> 0;
                    default -> 1000;
                };
                int gid = row[1].equals("group888") ? 888 : uid;
                String went = from.dial(uid, gid, row[2], row[3], row[4]);
                String[] got = went.split(" ", -1);
                boolean original = row[7].equals("-") || (got.length > 2 && got[2].equals(row[7]));
                if (got.length != 4 || !got[0].equals(row[5]) || !got[1].equals(row[6]) || !original || !got[3].equals(row[8])) {
                    wrong.add(String.join(" ", row) + " | went to: " + went);
                }
                flows++;
            }
            assertEquals(List.of(), wrong);
            assertTrue(flows >= 3, "no flows for " + rules);
        }
    }

    @ParameterizedTest
    @CsvSource({"generated-dual,nft", "generated-dual,iptables", "transparent-dual,nft", "transparent-dual,iptables", "everything,nft", "everything,iptables"})
    void appliedTwiceIsAppliedOnceAndRemovedIsAsBefore(String rules, String backend) throws Exception {
        try (var namespaces = new Namespaces()) {
            var interceptor = new Interceptor(namespaces.runner(), state);
            String before = namespaces.kernelState();
            assertEquals(0, interceptor.apply(Cases.plan(rules), backend, out));
            String once = namespaces.kernelState();
            assertNotEquals(before, once);
            assertEquals(0, interceptor.verify(out));
            assertEquals(0, interceptor.apply(Cases.plan(rules), backend, out));
            assertEquals(once, namespaces.kernelState());
            // Also where the record of the first run is lost, as after a crash of the machine's storage.
            Installation.delete(state.resolve("interception"));
            assertEquals(0, interceptor.apply(Cases.plan(rules), backend, out));
            assertEquals(once, namespaces.kernelState());
        }
        try (var namespaces = new Namespaces()) {
            var interceptor = new Interceptor(namespaces.runner(), state.resolve("second"));
            String before = namespaces.kernelState();
            interceptor.apply(Cases.plan(rules), backend, out);
            // Other settings, then the other backend: nothing of the earlier ones may stay.
            interceptor.apply(Cases.plan("page"), backend, out);
            interceptor.apply(Cases.plan("page"), backend.equals("nft") ? "iptables" : "nft", out);
            assertEquals(0, interceptor.remove(out));
            assertEquals(before, namespaces.kernelState());
            assertEquals(1, interceptor.verify(out));
        }
    }

    @ParameterizedTest
    @CsvSource({"nft", "iptables"})
    void aFlushIsNoticedAndMended(String backend) throws Exception {
        try (var namespaces = new Namespaces()) {
            var interceptor = new Interceptor(namespaces.runner(), state);
            interceptor.apply(Cases.plan("generated"), backend, out);
            String once = namespaces.kernelState();
            Namespaces.run("ip", "netns", "exec", namespaces.machine, "nft", "flush", "ruleset");
            assertEquals(1, interceptor.verify(out));
            interceptor.apply(Cases.plan("generated"), backend, out);
            assertEquals(once, namespaces.kernelState());
        }
    }

    @ParameterizedTest
    @CsvSource({"nft", "iptables"})
    void rulesOfOthersStayAndComeAfterOurs(String backend) throws Exception {
        try (var namespaces = new Namespaces()) {
            namespaces.onPeer();
            Namespaces.Agent machine = namespaces.onMachine(false, false);
            Namespaces.run("ip", "netns", "exec", namespaces.machine, "iptables", "-t", "nat", "-A", "OUTPUT", "-p", "tcp", "--dport", "80", "-j", "REDIRECT", "--to-ports", "9000");
            String before = namespaces.kernelState();
            assertEquals("app", machine.dial(1000, 1000, "-", "tcp", "203.0.113.9:80").split(" ", -1)[0]);
            var interceptor = new Interceptor(namespaces.runner(), state);
            interceptor.apply(Cases.plan("generated"), backend, out);
            assertEquals("outbound-listener", machine.dial(1000, 1000, "-", "tcp", "203.0.113.9:80").split(" ", -1)[0]);
            interceptor.remove(out);
            assertEquals(before, namespaces.kernelState());
        }
    }

    @ParameterizedTest
    @CsvSource({"nft", "iptables"})
    void anApplyThatIsKilledAnywhereCanBeRemoved(String backend) throws Exception {
        try (var namespaces = new Namespaces()) {
            String before = namespaces.kernelState();
            InterceptionPlan plan = Cases.plan("transparent-dual");
            boolean killed = true;
            for (int command = 1; killed; command++) {
                killed = false;
                try {
                    new Interceptor(new MortalRunner(namespaces.runner(), command), state).apply(plan, backend, out);
                } catch (MortalRunner.Killed e) {
                    killed = true;
                }
                new Interceptor(namespaces.runner(), state).remove(out);
                assertEquals(before, namespaces.kernelState(), "killed after command " + command);
                assertTrue(killed || command > 8, "applying took fewer commands than it can");
            }
        }
    }

    private static List<String[]> rows(String rules) throws IOException {
        return PacketTable.rows("packet-paths.tsv").stream().filter(row -> row[0].equals(rules)).toList();
    }
}
