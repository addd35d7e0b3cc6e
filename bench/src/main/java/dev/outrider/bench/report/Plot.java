package dev.outrider.bench.report;

import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Outcome;
import dev.outrider.bench.round.Spread;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Ratios of a run as an SVG: a line a figure, a bar from the least to the most of the rounds, a mark at the median; 1 is the reference. Any thread. */
public final class Plot {

    private static final List<String> COLOURS = List.of("#1f6fb4", "#d1702a", "#3f8f4f", "#8a5aa8");
    private static final int LEFT = 430;
    private static final int WIDTH = 480;
    private static final int STEP = 20;
    private static final int TOP = 54;

    /** Ratios beyond are drawn at the edge. */
    private static final double MOST = 4;

    private record Bar(String label, String contender, Spread ratios) {}

    private Plot() {}

    public static String svg(List<Outcome> outcomes) {
        List<Bar> bars = new ArrayList<>();
        List<String> contenders = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            for (Metric metric : outcome.metrics()) {
                for (String name : outcome.contenders()) {
                    Spread ratios = outcome.ratios(name, metric);
                    if (!name.equals(outcome.workload().reference()) && !name.equals(Contender.DIRECT) && ratios.known()) {
                        bars.add(new Bar(outcome.workload().id() + ": " + metric.name() + (metric.less() ? "" : " (more is better)"), name, ratios));
                        if (!contenders.contains(name)) {
                            contenders.add(name);
                        }
                    }
                }
            }
        }
        return draw(bars, contenders);
    }

    private static String draw(List<Bar> bars, List<String> contenders) {
        int height = TOP + bars.size() * STEP + 30;
        StringBuilder out = new StringBuilder();
        line(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">", LEFT + WIDTH + 40, height);
        line(out, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>");
        line(out, "<text x=\"10\" y=\"18\" font-size=\"14\">Ratio to the reference (1 = its own figure): least, median, most of the rounds</text>");
        for (int i = 0; i < contenders.size(); i++) {
            line(out, "<text x=\"%d\" y=\"38\" fill=\"%s\">%s</text>", LEFT + i * 140, colour(contenders, contenders.get(i)), contenders.get(i));
        }
        for (double tick : new double[] {0.25, 0.5, 1, 2, 4}) {
            String colour = tick == 1 ? "#333333" : "#dddddd";
            line(out, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\"/>", x(tick), TOP - 8, x(tick), height - 22, colour);
            line(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>", x(tick), height - 8, Report.number(tick));
        }
        for (int i = 0; i < bars.size(); i++) {
            bar(out, bars.get(i), TOP + i * STEP, colour(contenders, bars.get(i).contender()));
        }
        return out.append("</svg>\n").toString();
    }

    private static void bar(StringBuilder out, Bar bar, int y, String colour) {
        line(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>", LEFT - 12, y + 4, bar.label());
        line(out, "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"%s\" stroke-width=\"4\" stroke-opacity=\"0.4\"/>",
                x(bar.ratios().least()), y, x(bar.ratios().most()), y, colour);
        line(out, "<circle cx=\"%.1f\" cy=\"%d\" r=\"4\" fill=\"%s\"/>", x(bar.ratios().median()), y, colour);
    }

    /** Logarithmic: half and double are equally far from 1. */
    private static double x(double ratio) {
        double bounded = Math.clamp(ratio, 1 / MOST, MOST);
        return LEFT + WIDTH * (Math.log(bounded) / Math.log(MOST) + 1) / 2;
    }

    private static String colour(List<String> contenders, String name) {
        return COLOURS.get(contenders.indexOf(name) % COLOURS.size());
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
