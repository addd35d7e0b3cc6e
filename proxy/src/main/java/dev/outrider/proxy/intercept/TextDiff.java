package dev.outrider.proxy.intercept;

import java.util.ArrayList;
import java.util.List;

/** The lines that differ between two texts, in order: {@code - } only in the first, {@code + } only in the second. By longest common subsequence. Pure. */
final class TextDiff {
    private TextDiff() {}

    static List<String> of(List<String> first, List<String> second) {
        int[][] common = new int[first.size() + 1][second.size() + 1];
        for (int i = first.size() - 1; i >= 0; i--) {
            for (int j = second.size() - 1; j >= 0; j--) {
                common[i][j] = first.get(i).equals(second.get(j)) ? common[i + 1][j + 1] + 1 : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        var changes = new ArrayList<String>();
        int i = 0;
        int j = 0;
        while (i < first.size() || j < second.size()) {
            if (i < first.size() && j < second.size() && first.get(i).equals(second.get(j))) {
                i++;
                j++;
            } else if (j == second.size() || (i < first.size() && common[i + 1][j] >= common[i][j + 1])) {
                changes.add("- " + first.get(i++));
            } else {
                changes.add("+ " + second.get(j++));
            }
        }
        return changes;
    }
}
