package dev.outrider.proxy.intercept;

import java.util.List;

/** Runs a rule tool. The seam at which tests stand in for the kernel. */
public interface RuleRunner {

    /** What the tool said; {@code exit} 0 is success. */
    record Result(int exit, String out, String err) {

        public boolean ok() {
            return exit == 0;
        }
    }

    /** Whether the tool is installed. */
    boolean has(String tool);

    /**
     * Runs it to its end.
     *
     * @param argv the tool's name and its arguments, each passed as it is: no shell is involved
     * @param input for its standard input
     */
    Result run(List<String> argv, String input) throws RuleException;

    /** Runs a tool that changes something: where its caller is killed, it changes nothing that {@link #awaitOrphans()} of the next has not waited for. */
    default Result change(List<String> argv, String input) throws RuleException {
        return run(argv, input);
    }

    /** Returns once no tool is at work any more whose caller was killed. */
    default void awaitOrphans() throws RuleException {}
}
