package dev.outrider.proxy.intercept;

import java.util.List;

/** Dies right after its nth command, like a process that is killed: nothing that follows is run, no failure is handled. */
final class MortalRunner implements RuleRunner {
    private final RuleRunner runner;
    private int left;

    MortalRunner(RuleRunner runner, int commands) {
        this.runner = runner;
        this.left = commands;
    }

    @Override
    public boolean has(String tool) {
        return runner.has(tool);
    }

    @Override
    public Result run(List<String> argv, String input) throws RuleException {
        Result result = runner.run(argv, input);
        if (--left == 0) {
            throw new Killed();
        }
        return result;
    }

    /** Not a {@link RuleException}: nobody catches it. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }
}
