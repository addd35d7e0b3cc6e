package dev.outrider.bench.round;

import java.util.List;

/** A kind of work on which contenders are compared. */
public interface Workload {

    /** As the command line names it. */
    String id();

    /** One line of the report: what is done, with which parameters. */
    String title();

    /** The contender whose figures are 1 in the ratios. */
    String reference();

    /** Fresh contenders, none started. */
    List<Contender> contenders(Lab lab);

    /** Whether all contenders stay up for all rounds; otherwise each slot starts and ends its own. */
    default boolean keepsRunning() {
        return true;
    }
}
