package dev.outrider.proxy.explain;

import java.util.List;

/**
 * One thing that was decided on the way.
 *
 * @param stage where: name, interception, listener, chain, filters, route, cluster, endpoint, dial
 * @param what one line
 * @param details further lines
 * @param remedy what to do about a problem, else ""
 */
public record Step(String stage, Level level, String what, List<String> details, String remedy) {

    /** NOTE: true and worth knowing, though the request may work all the same. */
    public enum Level { OK, NOTE, PROBLEM }

    static Step ok(String stage, String what, String... details) {
        return new Step(stage, Level.OK, what, List.of(details), "");
    }

    static Step ok(String stage, String what, List<String> details) {
        return new Step(stage, Level.OK, what, List.copyOf(details), "");
    }

    static Step note(String stage, String what, String remedy) {
        return new Step(stage, Level.NOTE, what, List.of(), remedy);
    }

    static Step problem(String stage, String what, String remedy) {
        return new Step(stage, Level.PROBLEM, what, List.of(), remedy);
    }
}
