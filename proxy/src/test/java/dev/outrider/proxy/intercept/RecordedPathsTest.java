package dev.outrider.proxy.intercept;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** No flow that was recorded under Istio's rules is left out of {@link PacketPathRootTest}, and none differs there without a reason. */
class RecordedPathsTest {
    @ParameterizedTest
    @CsvSource({"recorded-paths.tsv,144", "option-paths.tsv,300"})
    void everyRecordedFlowIsDrivenAndEqualOrBetterForAReason(String table, int flows) throws IOException {
        Map<List<String>, String[]> driven = new HashMap<>();
        for (String[] row : PacketTable.rows("packet-paths.tsv")) {
            driven.put(List.of(row[0], row[1], row[2], row[3], row[4]), row);
        }
        var wrong = new ArrayList<String>();
        List<String[]> recorded = PacketTable.rows(table);
        for (String[] flow : recorded) {
            String[] ours = driven.get(List.of(flow[0], flow[2], flow[3], flow[4], flow[5]));
            boolean better = !flow[10].isEmpty();
            if (ours == null) {
                wrong.add("not driven: " + String.join(" ", flow));
            } else if (same(flow, ours) == better) {
                wrong.add((better ? "a reason, and no difference: " : "differs: ") + String.join(" ", flow));
            }
        }
        assertEquals(List.of(), wrong);
        assertEquals(flows, recorded.size());
    }

    private static boolean same(String[] recorded, String[] ours) {
        // A connection that nobody redirected has itself as its original destination, or none where conntrack does not look: it means the same.
        boolean untouched = recorded[8].equals(recorded[5]) || recorded[8].equals("none");
        return recorded[6].equals(ours[5]) && recorded[7].equals(ours[6]) && recorded[9].equals(ours[8])
                && (recorded[8].equals(ours[7]) || (untouched && ours[7].equals("-")));
    }
}
