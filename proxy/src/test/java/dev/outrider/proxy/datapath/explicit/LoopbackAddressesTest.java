package dev.outrider.proxy.datapath.explicit;

import dev.outrider.xds.model.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class LoopbackAddressesTest {

    private static final Cidr RANGE = Cidr.parse("127.64.0.0/16");

    private static List<String> hosts(int count) {
        return IntStream.range(0, count).mapToObj(i -> "service-" + i + ".default.svc.cluster.local").toList();
    }

    @Test
    void eachHostHasOneOfItsOwnInTheRange() {
        Map<String, InetAddress> all = new LoopbackAddresses(RANGE).allot(hosts(5000));
        assertEquals(5000, new HashSet<>(all.values()).size());
        assertTrue(all.values().stream().allMatch(RANGE::contains));
    }

    @Test
    void theNextProcessGivesTheSameInWhateverOrderTheHostsCome() {
        List<String> shuffled = new ArrayList<>(hosts(5000));
        Collections.reverse(shuffled);
        assertEquals(new LoopbackAddresses(RANGE).allot(hosts(5000)), new LoopbackAddresses(RANGE).allot(shuffled));
    }

    @Test
    void aHostKeepsItsAddressWhileOthersComeAndGo() {
        // Fourteen addresses: whoever comes first keeps what the others look at.
        var range = new LoopbackAddresses(Cidr.parse("127.64.0.0/28"));
        Map<String, InetAddress> before = range.allot(hosts(14).subList(7, 14));
        Map<String, InetAddress> after = range.allot(hosts(14));
        assertEquals(14, new HashSet<>(after.values()).size());
        before.forEach((host, address) -> assertEquals(address, after.get(host)));
        assertEquals(before, range.allot(hosts(14).subList(7, 14)));
    }

    @Test
    void whoFindsNoRoomHasNoneAndGetsTheNextThatIsFree() {
        var range = new LoopbackAddresses(Cidr.parse("127.64.0.0/30"));
        Map<String, InetAddress> two = range.allot(hosts(3));
        assertEquals(2, two.size());
        assertTrue(two.values().stream().map(InetAddress::getHostAddress).allMatch(List.of("127.64.0.1", "127.64.0.2")::contains), two.toString());
        assertEquals(List.of("service-2.default.svc.cluster.local"), List.copyOf(range.allot(List.of("service-2.default.svc.cluster.local")).keySet()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/16", "127.0.0.0/8", "127.0.0.0/16", "127.0.0.128/25", "127.64.0.0/31", "::1/128", "0.0.0.0/9"})
    void aRangeThatWouldTakeWhatIsNotItsOwnIsRefused(String range) {
        assertThrows(IllegalArgumentException.class, () -> new LoopbackAddresses(Cidr.parse(range)));
    }
}
