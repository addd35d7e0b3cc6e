package dev.outrider.proxy.demo;

import dev.outrider.proxy.admin.page.JsonTree;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the demo prints while it works: lines for people, or one JSON object per step. */
final class DemoReport {

    private final PrintStream out;
    private final boolean json;

    DemoReport(PrintStream out, boolean json) {
        this.out = out;
        this.json = json;
    }

    /** What a step found: lines to read, facts for scripts. */
    record Finding(List<String> lines, Map<String, Object> facts) {

        static Finding of(String line, Map<String, Object> facts) {
            return new Finding(List.of(line), facts);
        }
    }

    void title(String text) {
        if (!json) {
            out.println(text);
        }
    }

    void passed(String step, String title, Finding finding) {
        if (json) {
            object(step, true, finding.facts());
            return;
        }
        out.println("  ok    " + title);
        finding.lines().forEach(l -> out.println("          " + l));
    }

    void failed(String step, String title, String reason) {
        if (json) {
            object(step, false, Map.of("error", reason));
        } else {
            out.println("  FAIL  " + title + "\n          " + reason);
        }
    }

    /** A part for people only. */
    void text(List<String> lines) {
        if (!json) {
            lines.forEach(out::println);
        }
    }

    /** A part for scripts only. */
    void facts(String step, Map<String, Object> facts) {
        if (json) {
            object(step, true, facts);
        }
    }

    private void object(String step, boolean ok, Map<String, Object> facts) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("step", step);
        all.put("ok", ok);
        all.putAll(facts);
        out.println(JsonTree.printLine(all));
    }
}
