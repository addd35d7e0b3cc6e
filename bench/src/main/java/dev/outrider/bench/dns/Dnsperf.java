package dev.outrider.bench.dns;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children.Output;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.round.Lab;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One run of dnsperf (Debian package) and what it says. Blocks.
 *
 * @param completed questions that were answered
 * @param lost questions that were not, within dnsperf's limit
 * @param seconds from the first to the last
 * @param millis of each answer, in order of size; only for paced runs, whose every answer dnsperf prints
 */
record Dnsperf(long completed, long lost, double seconds, List<Double> millis) {

    private static final String CLIENTS = "8";

    /** Below the receive buffer of either server, so that a lost question is the server's fault. */
    private static final String OUTSTANDING = "400";

    /** As many at a time as the server takes. */
    static Dnsperf saturate(Lab lab, int port, String questions, double seconds) {
        return run(lab, port, questions, List.of("-q", OUTSTANDING, "-l", decimal(seconds)));
    }

    static Dnsperf pace(Lab lab, int port, String questions, int perSecond, double seconds) {
        return run(lab, port, questions, List.of("-v", "-Q", Integer.toString(perSecond), "-l", decimal(seconds)));
    }

    /** The file once. */
    static Dnsperf once(Lab lab, int port, String questions, int perSecond) {
        return run(lab, port, questions, List.of("-v", "-n", "1", "-Q", Integer.toString(perSecond)));
    }

    private static String decimal(double seconds) {
        return String.format(Locale.ROOT, "%.2f", seconds);
    }

    private static Dnsperf run(Lab lab, int port, String questions, List<String> options) {
        List<String> command = new ArrayList<>(List.of("dnsperf", "-s", "127.0.0.1", "-p", Integer.toString(port), "-d", questions, "-c", CLIENTS, "-t", "2"));
        command.addAll(options);
        Child child = lab.children().start("dnsperf", Processor.LOAD, Output.PIPE, command);
        try {
            return parse(child.output().lines().toList());
        } finally {
            lab.children().end(child);
        }
    }

    private static Dnsperf parse(List<String> lines) {
        List<Double> millis = new ArrayList<>();
        for (String line : lines) {
            if (line.startsWith("> NOERROR ")) {
                millis.add(Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)) * 1000);
            } else if (line.startsWith("> ") && !line.startsWith("> T ")) {
                throw new IllegalStateException("not the answer that was expected: " + line);
            }
        }
        millis.sort(null);
        return new Dnsperf((long) number(lines, "Queries completed:"), (long) number(lines, "Queries lost:"), number(lines, "Run time (s):"), millis);
    }

    private static double number(List<String> lines, String label) {
        for (String line : lines) {
            if (line.strip().startsWith(label)) {
                return Double.parseDouble(line.strip().substring(label.length()).strip().split(" ", -1)[0]);
            }
        }
        throw new UncheckedIOException(new IOException("dnsperf did not say \"" + label + "\": " + String.join(" / ", lines)));
    }

    double rate() {
        return completed / seconds;
    }

    double meanMillis() {
        return millis.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    double percentile(double share) {
        return millis.isEmpty() ? Double.NaN : millis.get(Math.min(millis.size() - 1, (int) (millis.size() * share)));
    }
}
