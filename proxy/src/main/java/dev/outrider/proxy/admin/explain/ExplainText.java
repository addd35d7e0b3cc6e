package dev.outrider.proxy.admin.explain;

import dev.outrider.proxy.explain.Step;
import dev.outrider.proxy.explain.Trace;

/** A trace for people. Pure. */
final class ExplainText {

    private ExplainText() {}

    static String of(Trace trace) {
        StringBuilder out = new StringBuilder(trace.of()).append('\n');
        for (Trace.Part part : trace.parts()) {
            if (!part.title().isEmpty()) {
                out.append(part.title()).append(part.works() ? "\n" : ": would not work\n");
            }
            part.steps().forEach(step -> print(step, out));
        }
        return out.append(trace.works() ? "It would work.\n" : "It would not work.\n").toString();
    }

    private static void print(Step step, StringBuilder out) {
        String mark = switch (step.level()) {
            case OK -> "ok";
            case NOTE -> "note";
            case PROBLEM -> "ERROR";
        };
        out.append(String.format("  %-6s%-14s%s%n", mark, step.stage(), step.what()));
        step.details().forEach(line -> out.repeat(" ", 24).append(line).append('\n'));
        if (!step.remedy().isEmpty()) {
            out.repeat(" ", 22).append("-> ").append(step.remedy()).append('\n');
        }
    }
}
