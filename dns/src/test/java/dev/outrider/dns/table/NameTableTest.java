package dev.outrider.dns.table;

import dev.outrider.dns.Packets;
import dev.outrider.dns.wire.Query;
import dev.outrider.dns.wire.WireName;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Tables against a slow model of the rules, and what a push shares with the one before. */
class NameTableTest {

    private static MeshName external(String host, String ip) {
        return new MeshName(host, List.of(ip), "External", "", "", List.of());
    }

    private static NameTableBuilder builder() {
        return new NameTableBuilder("cluster.local", "default", List.of(WireName.of("svc.cluster.local")), List.of());
    }

    @Test
    void anEqualPushIsTheSameTableAndAnUnequalOneSharesItsRows() {
        NameTableBuilder builder = builder();
        List<String> errors = new ArrayList<>();
        NameTable first = builder.names(List.of(external("a.example", "192.0.2.1"), external("b.example", "192.0.2.2")), errors);
        assertSame(first, builder.names(List.of(external("b.example", "192.0.2.2"), external("a.example", "192.0.2.1")), errors));
        NameTable second = builder.names(List.of(external("a.example", "192.0.2.1"), external("b.example", "192.0.2.3")), errors);
        assertNotSame(first, second);
        byte[] a = WireName.of("a.example");
        assertSame(first.findTarget(a, 0, a.length), second.findTarget(a, 0, a.length));
        assertTrue(second.serial() > first.serial());
    }

    @Test
    void aBadRowIsReportedAndItsSiblingsServe() {
        List<String> errors = new ArrayList<>();
        NameTable table = builder().names(List.of(external("a..example", "192.0.2.1"), external("b.example", "192.0.2.2")), errors);
        assertEquals(1, errors.size());
        assertTrue(errors.getFirst().startsWith("[a..example] "));
        assertEquals(1, table.nameCount());
    }

    /** Random hosts and wildcards over a small alphabet, asked for at random, judged by the rule in words. */
    @Test
    void exactBeatsLongestWildcard() {
        Random random = new Random(1034);
        for (int round = 0; round < 200; round++) {
            Map<String, MeshName> rows = new HashMap<>();
            for (int i = 0; i < 12; i++) {
                String host = (random.nextInt(3) == 0 ? "*." : "") + name(random, 3);
                rows.put(host, external(host, "192.0.2." + i));
            }
            NameTable table = builder().names(rows.values(), new ArrayList<>());
            Query query = new Query();
            Match match = new Match();
            for (int i = 0; i < 50; i++) {
                String asked = name(random, 5);
                byte[] packet = Packets.query(1, asked, 1);
                assertEquals(0, query.parse(packet, packet.length));
                String found = table.find(query, match) && match.entry() != null ? match.entry().hostText() : null;
                assertEquals(expected(rows, asked), found, asked);
            }
        }
    }

    /** Whatever came before, a table says what one says that was made of the last push alone. */
    @Test
    void aTableDoesNotRememberPushes() {
        Random random = new Random(8767);
        NameTableBuilder builder = builder();
        Map<String, MeshName> rows = new TreeMap<>();
        for (int push = 0; push < 400; push++) {
            for (int changes = random.nextInt(4); changes > 0; changes--) {
                MeshName row = row(random);
                if (random.nextInt(4) == 0) {
                    rows.remove(row.host());
                } else {
                    rows.put(row.host(), row);
                }
            }
            NameTable grown = builder.names(List.copyOf(rows.values()), new ArrayList<>());
            assertEquals(said(builder().names(List.copyOf(rows.values()), new ArrayList<>())), said(grown), "push " + push);
        }
    }

    @Test
    void anAddressThatMovedLeadsBackToItsNewName() {
        NameTableBuilder builder = builder();
        builder.names(List.of(external("a.example", "192.0.2.1"), external("b.example", "192.0.2.2")), new ArrayList<>());
        NameTable moved = builder.names(List.of(external("a.example", "192.0.2.2"), external("b.example", "192.0.2.3")), new ArrayList<>());
        assertEquals("[null, a.example, b.example]", Arrays.toString(IntStream.rangeClosed(1, 3).mapToObj(last -> reverse(moved, last)).toArray()));
    }

    private static MeshName row(Random random) {
        String host = name(random, 2);
        List<String> ips = IntStream.range(0, random.nextInt(3)).mapToObj(i -> "192.0.2." + random.nextInt(6)).distinct().toList();
        return random.nextBoolean()
                ? new MeshName(host + ".default.svc.cluster.local", ips, "Kubernetes", host, "default", random.nextInt(5) == 0 ? List.of(name(random, 2)) : List.of())
                : new MeshName(host, ips, "External", "", "", List.of());
    }

    /** Every name's addresses, and every address's name. */
    private static String said(NameTable table) {
        StringBuilder all = new StringBuilder();
        for (String first : List.of("a", "b", "c")) {
            for (String second : List.of("", ".a", ".b", ".c", ".default", ".default.svc.cluster.local", ".a.default.svc.cluster.local")) {
                byte[] name = WireName.of(first + second);
                NameEntry entry = table.findTarget(name, 0, name.length);
                all.append(first).append(second).append('=').append(entry == null ? "-" : entry.hostText() + Arrays.toString(entry.v4())).append('\n');
            }
        }
        IntStream.range(0, 6).forEach(last -> all.append(last).append('=').append(reverse(table, last)).append('\n'));
        return all.append(table.nameCount()).append(' ').append(table.entries().size()).toString();
    }

    private static @Nullable String reverse(NameTable table, int last) {
        NameEntry entry = table.byAddress(new byte[] {(byte) 192, 0, 2, (byte) last}, 4);
        return entry == null ? null : entry.hostText();
    }

    private static @Nullable String expected(Map<String, MeshName> rows, String asked) {
        if (rows.containsKey(asked)) {
            return asked;
        }
        for (int dot = asked.indexOf('.'); dot >= 0; dot = asked.indexOf('.', dot + 1)) {
            String wildcard = "*" + asked.substring(dot);
            if (rows.containsKey(wildcard)) {
                return wildcard;
            }
        }
        return null;
    }

    private static String name(Random random, int maxLabels) {
        StringBuilder name = new StringBuilder().append((char) ('a' + random.nextInt(3)));
        for (int i = random.nextInt(maxLabels); i > 0; i--) {
            name.append('.').append((char) ('a' + random.nextInt(3)));
        }
        return name.toString();
    }
}
