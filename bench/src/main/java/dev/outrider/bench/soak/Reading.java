package dev.outrider.bench.soak;

import java.util.function.ToDoubleFunction;

/** What one process holds at one moment. Heap is after a full collection. */
record Reading(double minute, double rssMegabytes, double heapMegabytes, double directMegabytes, double descriptors) {

    /**
     * What must stay flat, and how much it may still move: warm-up has not ended when a short soak has, and resident memory breathes with the young
     * generation and the compilers' arenas, by 20 MB from one reading to the next.
     */
    enum Series {
        RSS("resident memory, MB", 0.10, 25, Reading::rssMegabytes),
        HEAP("heap after collection, MB", 0.10, 2, Reading::heapMegabytes),
        DIRECT("direct memory, MB", 0.10, 4, Reading::directMegabytes),
        DESCRIPTORS("file descriptors", 0.10, 12, Reading::descriptors);

        private final String title;
        private final double share;
        private final double absolute;
        private final ToDoubleFunction<Reading> value;

        Series(String title, double share, double absolute, ToDoubleFunction<Reading> value) {
            this.title = title;
            this.share = share;
            this.absolute = absolute;
            this.value = value;
        }

        String title() {
            return title;
        }

        double of(Reading reading) {
            return value.applyAsDouble(reading);
        }

        /** Most that a level may rise from the first half of the watched time to the second. */
        double tolerance(double level) {
            return Math.max(level * share, absolute);
        }
    }
}
