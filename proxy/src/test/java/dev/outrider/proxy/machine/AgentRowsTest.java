package dev.outrider.proxy.machine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What operators of Istio's agent miss: each row has a test that is there, or a sentence that says why not. */
class AgentRowsTest {

    private record Row(String number, List<String> tests, String sentence) {}

    private static List<Row> rows() throws IOException {
        try (var table = AgentRowsTest.class.getResourceAsStream("/agent-rows.tsv")) {
            return new String(table.readAllBytes(), StandardCharsets.UTF_8).lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("\t", -1))
                    .map(cell -> new Row(cell[0], Stream.of(cell[2].split(" ", -1)).filter(test -> !test.isEmpty()).toList(), cell[3]))
                    .toList();
        }
    }

    /** Texts of test classes and scripts by file name. */
    private static Map<String, String> tests() throws IOException {
        Map<String, String> all = new HashMap<>();
        for (String tree : List.of("../proxy/src/test/java", "../dns/src/test/java", "../xds-client/src/test/java", "../packaging/test")) {
            try (Stream<Path> files = Files.walk(Path.of(tree))) {
                for (Path file : files.filter(f -> f.toString().endsWith("Test.java") || f.toString().endsWith(".py")).toList()) {
                    all.put(file.getFileName().toString().replace(".java", ""), Files.readString(file));
                }
            }
        }
        return all;
    }

    @Test
    void everyRowHasATestOrASentence() throws IOException {
        List<Row> rows = rows();
        assertEquals(IntStream.rangeClosed(1, 30).mapToObj(n -> "8." + n).toList(), rows.stream().map(Row::number).filter(n -> n.startsWith("8.")).toList());
        assertEquals(List.of(), rows.stream().filter(row -> row.tests.isEmpty() && row.sentence.isEmpty()).map(Row::number).toList());
    }

    @Test
    void everyTestIsThere() throws IOException {
        Map<String, String> tests = tests();
        var missing = new ArrayList<String>();
        for (Row row : rows()) {
            for (String test : row.tests) {
                String[] name = test.split("#", 2);
                String wanted = name[0].endsWith(".py") ? "'" + name[1].replace('_', ' ') + "'" : "void " + name[1] + "(";
                if (!tests.getOrDefault(name[0], "").contains(wanted)) {
                    missing.add(row.number + ": " + test);
                }
            }
        }
        assertEquals(List.of(), missing);
    }
}
