package dev.outrider.bench.round;

/**
 * How much time a run takes.
 *
 * @param quick less of everything, for a look: ratios then have wide limits
 * @param rounds slots of each contender
 * @param attempts how often a slot that other work spoiled is tried
 * @param saturationSeconds length of a slot's closed-loop part
 * @param pacedSeconds length of a slot's part at a fixed rate
 * @param warmSeconds load before the first slot
 */
public record Effort(boolean quick, int rounds, int attempts, double saturationSeconds, double pacedSeconds, double warmSeconds) {

    /** Foreign use of a processor above which a slot is repeated. */
    public static final double MOST_FOREIGN_CORES = 0.08;

    public static Effort full() {
        return new Effort(false, 5, 3, 4, 5, 15);
    }

    public static Effort brief() {
        return new Effort(true, 3, 1, 0.6, 0.9, 2);
    }
}
