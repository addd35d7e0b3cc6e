package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.plan.InterceptionPlan;

/** One of the two ways into the kernel's packet filter. Stateless: what is installed is asked of the kernel. */
interface RuleBackend {

    String name();

    /** Whether its tool is installed. */
    boolean available();

    /** The texts that {@link #apply} takes, as an installation that is not made yet. */
    Installation render(InterceptionPlan plan);

    /** Replaces what it installed before. After a failure nothing of ours is guaranteed: the caller removes or puts back. */
    void apply(Installation installation) throws RuleException;

    /** Removes everything that bears our name, whoever installed it and when. */
    void remove() throws RuleException;

    /** Our rules as the kernel has them, without counters, and whatever stands before them in the same chains; empty when there are none. */
    String listing() throws RuleException;
}
