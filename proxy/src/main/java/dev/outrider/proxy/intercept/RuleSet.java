package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import dev.outrider.xds.model.Cidr;
import java.net.Inet6Address;
import java.util.List;

/**
 * Packet rules without a tool's syntax: what both printers print. Chains are in the order in which a packet meets their tables. A packet that no rule
 * ends goes on as if the chain were not there.
 *
 * @param families the others pass by every chain
 */
record RuleSet(InterceptionPlan.Families families, List<Chain> chains) {

    enum Hook {
        RAW_PREROUTING("raw", "PREROUTING", "filter", "raw"),
        RAW_OUTPUT("raw", "OUTPUT", "filter", "raw"),
        MANGLE_PREROUTING("mangle", "PREROUTING", "filter", "mangle"),
        MANGLE_OUTPUT("mangle", "OUTPUT", "route", "mangle"),
        // In front of docker, firewalld and kube-proxy, whose nat chains are at dstnat (-100); conntrack needs more than -200.
        NAT_PREROUTING("nat", "PREROUTING", "nat", "-110"),
        NAT_OUTPUT("nat", "OUTPUT", "nat", "-110"),
        FILTER_INPUT("filter", "INPUT", "filter", "filter"),
        FILTER_FORWARD("filter", "FORWARD", "filter", "filter"),
        FILTER_OUTPUT("filter", "OUTPUT", "filter", "filter");

        final String table;
        final String chain;
        final String nftType;
        final String nftPriority;

        Hook(String table, String chain, String nftType, String nftPriority) {
            this.table = table;
            this.chain = chain;
            this.nftType = nftType;
            this.nftPriority = nftPriority;
        }
    }

    record Chain(Hook hook, List<Rule> rules) {}

    /** @param why for the reader of the printed rules */
    record Rule(List<Match> matches, Verdict verdict, String why) {

        /** Whether the rule can match packets of that family: an address in it decides, otherwise both. */
        boolean matches(boolean v6) {
            return matches.stream().allMatch(match -> switch (match) {
                case Match.Source source -> source.range().base() instanceof Inet6Address == v6;
                case Match.Destination destination -> destination.range().base() instanceof Inet6Address == v6;
                default -> true;
            });
        }
    }

    enum Protocol { TCP, UDP }

    sealed interface Match {
        record In(String link) implements Match {}

        record Out(String link) implements Match {}

        record Source(Cidr range) implements Match {}

        record Destination(Cidr range, boolean negated) implements Match {}

        record Over(Protocol protocol) implements Match {}

        /** @param ports at most 15, the limit of iptables' multiport */
        record ToPorts(Protocol protocol, List<Integer> ports, boolean negated) implements Match {}

        record FromPort(Protocol protocol, int port) implements Match {}

        record User(int uid) implements Match {}

        record Group(int gid, boolean negated) implements Match {}

        record Mark(int mark) implements Match {}

        record ConnectionMark(int mark) implements Match {}

        /** The destination is no address of this machine. */
        record ForOthers() implements Match {}

        record NewConnection() implements Match {}

        record InvalidState() implements Match {}
    }

    sealed interface Verdict {
        /** Leave the packet alone: no later rule of the chain sees it. */
        record LeaveAlone() implements Verdict {}

        record Redirect(int port) implements Verdict {}

        record TransparentProxy(int port, int mark) implements Verdict {}

        record Drop() implements Verdict {}

        /** The one who connects is told at once. TCP only. */
        record Refuse() implements Verdict {}

        /** Goes on with the next rule. Of several, the first counts. */
        record Zone(int zone) implements Verdict {}

        /** Goes on with the next rule. */
        record SaveMark() implements Verdict {}

        /** Goes on with the next rule. */
        record RestoreMark() implements Verdict {}
    }
}
