package dev.outrider.bench.dns;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.Children.Output;
import dev.outrider.bench.process.Children.Processor;
import dev.outrider.bench.round.Contender;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Sample;
import dev.outrider.bench.round.Workload;
import java.util.List;

/** What cannot be seen from outside: a fresh process for each slot measures itself ({@link InsideMain}). */
final class DnsInside implements Workload {

    private static final String SHIM = "outrider";

    @Override
    public String id() {
        return "dns-inside";
    }

    @Override
    public String title() {
        return "DNS: the shim's memory, allocations and updates with a table of 10,000 services (30,000 names), no peer";
    }

    @Override
    public String reference() {
        return SHIM;
    }

    @Override
    public boolean keepsRunning() {
        return false;
    }

    @Override
    public List<Contender> contenders(Lab lab) {
        return List.of(new Inside(lab));
    }

    private record Inside(Lab lab) implements Contender {

        @Override
        public String name() {
            return SHIM;
        }

        @Override
        public void start() {
            // Measuring is all that the process does.
        }

        @Override
        public void warm() {
            // It warms itself.
        }

        @Override
        public Sample measure() {
            Child child = lab.children().start("dns-inside", Processor.ANY, Output.PIPE, DnsServer.java(lab, InsideMain.class));
            try {
                Sample sample = new Sample();
                List<String> lines = child.output().lines().toList();
                for (String line : lines) {
                    int tab = line.indexOf('\t');
                    sample.with(Metric.cost(line.substring(0, tab)), Double.parseDouble(line.substring(tab + 1)));
                }
                if (lines.isEmpty()) {
                    throw new IllegalStateException(child.lastWords());
                }
                return sample;
            } finally {
                lab.children().end(child);
            }
        }

        @Override
        public void close() {
            // The process ended itself.
        }
    }
}
