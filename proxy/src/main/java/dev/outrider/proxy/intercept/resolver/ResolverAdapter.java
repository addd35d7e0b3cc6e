package dev.outrider.proxy.intercept.resolver;

import dev.outrider.proxy.intercept.RuleException;
import java.util.List;

/**
 * One way to have the machine ask the shim. {@link #apply} may be repeated, with another plan too; {@link #remove} puts back what was there before,
 * whatever point an earlier command was killed at.
 */
interface ResolverAdapter {

    /** What {@link #apply} does, as text for an operator. */
    List<String> describe(ResolverPlan plan) throws RuleException;

    /**
     * Throws when it cannot be applied here. Changes nothing.
     *
     * @param again whether this adapter was applied before and not removed since
     */
    void check(ResolverPlan plan, boolean again) throws RuleException;

    void apply(ResolverPlan plan) throws RuleException;

    /** Whatever is not as applied, a line each. */
    List<String> differences(ResolverPlan plan) throws RuleException;

    void remove() throws RuleException;
}
