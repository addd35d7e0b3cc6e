package dev.outrider.dns.query;

import dev.outrider.dns.forward.ResolverGroup;

/**
 * A part of the name space with one rule.
 *
 * @param name dotted, {@code .} for everything else; a metric label, so from the configuration only
 * @param rule what happens to its names
 * @param group who is asked, where the rule is to ask
 */
public record Zone(String name, Rule rule, ResolverGroup group) {

    /** What happens to names that the table does not know. */
    public enum Rule {
        /** They do not exist. */
        OURS,
        /** Resolvers of this zone are asked. */
        FORWARDED,
        /** RFC 6761 §6.3. */
        LOCALHOST,
        /** RFC 6761 §6.2, §6.4 and RFC 7686: they never exist. */
        RESERVED
    }
}
