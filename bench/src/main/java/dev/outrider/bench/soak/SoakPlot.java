package dev.outrider.bench.soak;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Readings over time as an SVG: a panel a series, a line a process. Any thread. */
final class SoakPlot {

    private static final List<String> COLOURS = List.of("#1f6fb4", "#d1702a");
    private static final int WIDTH = 620;
    private static final int LEFT = 60;
    private static final int PANEL = 150;
    private static final int HEIGHT = 110;

    private SoakPlot() {}

    static String svg(Map<String, List<Reading>> readings) {
        StringBuilder out = new StringBuilder();
        int height = 40 + PANEL * Reading.Series.values().length;
        line(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">", LEFT + WIDTH + 30, height);
        line(out, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>");
        int column = 0;
        for (String process : readings.keySet()) {
            line(out, "<text x=\"%d\" y=\"18\" fill=\"%s\">%s</text>", LEFT + 200 * column, COLOURS.get(column % COLOURS.size()), process);
            column++;
        }
        int top = 40;
        for (Reading.Series series : Reading.Series.values()) {
            panel(out, readings, series, top);
            top += PANEL;
        }
        return out.append("</svg>\n").toString();
    }

    private static void panel(StringBuilder out, Map<String, List<Reading>> readings, Reading.Series series, int top) {
        double minutes = 1e-3;
        double most = 1;
        for (List<Reading> each : readings.values()) {
            for (Reading reading : each) {
                minutes = Math.max(minutes, reading.minute());
                most = Math.max(most, series.of(reading) * 1.1);
            }
        }
        line(out, "<text x=\"%d\" y=\"%d\">%s</text>", LEFT, top + 10, series.title());
        line(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#cccccc\"/>", LEFT, top + 16, WIDTH, HEIGHT);
        line(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.0f</text>", LEFT - 6, top + 24, most);
        line(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>", LEFT - 6, top + 16 + HEIGHT);
        line(out, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%.1f min</text>", LEFT + WIDTH, top + 30 + HEIGHT, minutes);
        int column = 0;
        for (List<Reading> each : readings.values()) {
            StringBuilder points = new StringBuilder();
            for (Reading reading : each) {
                points.append(String.format(Locale.ROOT, "%.1f,%.1f ",
                        LEFT + WIDTH * reading.minute() / minutes, top + 16 + HEIGHT - HEIGHT * series.of(reading) / most));
            }
            line(out, "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\"/>", points.toString().strip(), COLOURS.get(column % COLOURS.size()));
            column++;
        }
    }

    private static void line(StringBuilder out, String format, Object... values) {
        out.append(String.format(Locale.ROOT, format, values)).append('\n');
    }
}
