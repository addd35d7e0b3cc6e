package dev.outrider.proxy.intercept;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Tables of flows among the test resources: lines of fields between tabs, after comments and one line of names. */
final class PacketTable {
    private PacketTable() {}

    static List<String[]> rows(String name) throws IOException {
        try (var table = PacketTable.class.getResourceAsStream("/intercept/" + name)) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> !line.startsWith("#") && !line.startsWith("case\t"))
                    .map(line -> line.split("\t", -1))
                    .toList();
        }
    }
}
