package dev.outrider.bench.dns;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.round.Lab;
import dev.outrider.bench.round.Metric;
import dev.outrider.bench.round.Sample;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a server is asked in a slot. */
sealed interface DnsLoad {

    void warm(Lab lab, int port);

    /** {@code server} is null where the resolver itself is asked. */
    Sample measure(Lab lab, int port, @Nullable Child server);

    /** Names that are answered at once: at full rate, then 2,000 a second. */
    record Known(String file, Supplier<String> questions) implements DnsLoad {

        private static final int PACE = 2_000;
        private static final Metric RATE = Metric.rate("answers/s");
        private static final Metric CPU = Metric.cost("CPU µs an answer");
        private static final Metric LOST = Metric.cost("lost");
        private static final Metric MEAN = Metric.cost("mean ms at 2,000/s");
        private static final Metric P99 = Metric.cost("p99 ms at 2,000/s");
        private static final Metric MEMORY = Metric.cost("resident MB");

        @Override
        public void warm(Lab lab, int port) {
            // In parts: a server whose code is not compiled yet may lose some of the first burst.
            for (int i = 0; i < 3; i++) {
                Dnsperf.saturate(lab, port, path(lab), lab.effort().warmSeconds() / 3);
            }
        }

        private String path(Lab lab) {
            return lab.file(file, questions.get());
        }

        @Override
        public Sample measure(Lab lab, int port, @Nullable Child server) {
            String path = path(lab);
            double before = server == null ? 0 : server.cpuSeconds();
            Dnsperf full = Dnsperf.saturate(lab, port, path, lab.effort().saturationSeconds());
            Sample sample = new Sample().with(RATE, full.rate());
            if (server != null) {
                sample.with(CPU, (server.cpuSeconds() - before) * 1e6 / full.completed());
            }
            Dnsperf paced = Dnsperf.pace(lab, port, path, PACE, lab.effort().pacedSeconds());
            sample.with(LOST, (double) full.lost() + paced.lost()).with(MEAN, paced.meanMillis()).with(P99, paced.percentile(0.99));
            return server == null ? sample : sample.with(MEMORY, server.memory().rss() / 1e3);
        }
    }

    /** Names that nobody asked before, so that the resolver has to be: what the server adds to its time. */
    final class Unheard implements DnsLoad {

        private static final int PACE = 500;
        private static final Metric MEAN = Metric.latency("mean ms");
        private static final Metric P50 = Metric.latency("p50 ms");
        private static final Metric LOST = Metric.cost("lost");

        private int slot;

        @Override
        public void warm(Lab lab, int port) {
            ask(lab, port, lab.effort().warmSeconds());
        }

        @Override
        public Sample measure(Lab lab, int port, @Nullable Child server) {
            Dnsperf run = ask(lab, port, lab.effort().pacedSeconds());
            return new Sample().with(MEAN, run.meanMillis()).with(P50, run.percentile(0.5)).with(LOST, (double) run.lost());
        }

        private Dnsperf ask(Lab lab, int port, double seconds) {
            slot++;
            String name = "unheard-" + port + "-" + slot;
            return Dnsperf.once(lab, port, lab.file(name, DnsNames.unheardOf(name, (int) (PACE * seconds))), PACE);
        }
    }
}
