package dev.outrider.bench.report;

import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Outcome;
import dev.outrider.bench.round.Spread;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The run as Markdown: a table for each workload, a row for each figure. Any thread. */
public final class Report {

    private Report() {}

    /** {@code facts} stand at the top, a line each. */
    public static String markdown(Map<String, String> facts, List<Outcome> outcomes) {
        StringBuilder out = new StringBuilder("# Results of `outrider bench`\n\nWritten by the command; do not edit. Figures are median [least..most] over the rounds.\n\n");
        facts.forEach((name, text) -> out.append("* ").append(name).append(": ").append(text).append('\n'));
        out.append("\n![Ratios to the reference of each workload](RESULTS.svg)\n");
        outcomes.forEach(outcome -> workload(out, outcome));
        return out.toString();
    }

    private static void workload(StringBuilder out, Outcome outcome) {
        String reference = outcome.workload().reference();
        out.append("\n## ").append(outcome.workload().id()).append(": ").append(outcome.workload().title()).append("\n\n");
        outcome.absent().forEach((name, reason) -> out.append("**Without ").append(name).append("**: ").append(reason).append("\n\n"));
        if (outcome.spoiled() > 0) {
            out.append("Other work on the machine took more than 8 % of a processor in ").append(outcome.spoiled()).append(" of ")
                    .append(outcome.slots()).append(" slots, after all attempts.\n\n");
        }
        if (outcome.contenders().isEmpty()) {
            return;
        }
        out.append("| |");
        outcome.contenders().forEach(name -> out.append(' ').append(name).append(" |"));
        out.append("\n|---|").append("---|".repeat(outcome.contenders().size())).append('\n');
        for (Metric metric : outcome.metrics()) {
            row(out, outcome, metric.name(), name -> outcome.values(name, metric));
            row(out, outcome, "— ratio to " + reference, name -> name.equals(Contender.DIRECT) ? NONE : outcome.ratios(name, metric));
            if (metric.overDirect() && outcome.contenders().contains(Contender.DIRECT)) {
                row(out, outcome, "— above direct", name -> name.equals(Contender.DIRECT) ? NONE : outcome.added(name, metric));
                row(out, outcome, "— above direct, ratio to " + reference, name -> name.equals(Contender.DIRECT) ? NONE : outcome.addedRatios(name, metric));
            }
        }
    }

    private static final Spread NONE = new Spread(0, 0, 0, 0);

    private interface Cell {

        Spread of(String contender);
    }

    /** A row that says nothing is left out. */
    private static void row(StringBuilder out, Outcome outcome, String title, Cell cell) {
        StringBuilder row = new StringBuilder("| ").append(title).append(" |");
        boolean known = false;
        for (String name : outcome.contenders()) {
            Spread spread = cell.of(name);
            known |= spread.known();
            row.append(' ').append(spread.known() ? text(spread) : "").append(" |");
        }
        if (known) {
            out.append(row).append('\n');
        }
    }

    private static String text(Spread spread) {
        return spread.count() == 1
                ? number(spread.median())
                : number(spread.median()) + " [" + number(spread.least()) + ".." + number(spread.most()) + "]";
    }

    /** Three digits that mean something. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size >= 100 || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, size >= 10 ? "%.1f" : "%.2f", value);
    }
}
