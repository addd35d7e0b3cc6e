package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.PacketPath.Fate;
import dev.outrider.proxy.intercept.PacketPath.Owner;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import dev.outrider.proxy.intercept.plan.InvalidInterceptionPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Rules that are read as they are printed: the flows that were recorded in real namespaces, without the namespaces. */
class PacketPathTest {

    private static final List<InetAddress> MACHINE = Cases.addresses("10.10.0.5", "fd00:10::5");
    private static final Map<String, Owner> USERS = Map.of("app", new Owner(1000, 1000), "root", new Owner(0, 0), "proxy", new Owner(1337, 1337), "group888", new Owner(1000, 888));

    /** The operator's own SSH session is known by where it comes from. */
    private static final String SESSION = ":2222";

    /** TCP alone; not those that a source address or an interface decides, which nobody knows beforehand. */
    static Stream<String> recorded() throws IOException {
        return PacketTable.rows("packet-paths.tsv").stream()
                .filter(field -> field[2].equals("-") && field[3].equals("tcp") && !field[4].endsWith(":53") && !field[4].endsWith(SESSION) && !field[5].equals("forwarded")
                        && (USERS.containsKey(field[1]) || field[1].equals("peer")) && !field[0].endsWith("links"))
                .map(field -> String.join("\t", field));
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void leadsWhereTheKernelLed(String flow) throws InvalidInterceptionPlan {
        String[] field = flow.split("\t", -1);
        InterceptionPlan plan = Cases.plan(field[0]);
        PacketPath path = new PacketPath(plan, MACHINE);
        int colon = field[4].lastIndexOf(':');
        var to = new InetSocketAddress(InetAddress.ofLiteral(field[4].substring(0, colon).replaceAll("[\\[\\]]", "")), Integer.parseInt(field[4].substring(colon + 1)));
        Fate fate = field[1].equals("peer") ? path.inbound(to) : path.outbound(to, USERS.get(field[1]));
        int expected = switch (field[5]) {
            case "outbound-listener" -> plan.listeners().outbound();
            case "inbound-listener" -> plan.listeners().inbound();
            default -> 0;
        };
        assertEquals(expected, fate.port(), fate.why());
    }

    @Test
    void saysThatItIsBecauseOfWhoAsks() throws InvalidInterceptionPlan {
        PacketPath path = new PacketPath(Cases.plan("root-exempt"), MACHINE);
        var to = new InetSocketAddress(InetAddress.ofLiteral("203.0.113.9"), 80);
        assertTrue(path.outbound(to, USERS.get("root")).byOwner());
        assertTrue(path.outbound(to, USERS.get("app")).captured());
        assertFalse(path.outbound(new InetSocketAddress(InetAddress.getLoopbackAddress(), 80), USERS.get("app")).byOwner());
    }
}
