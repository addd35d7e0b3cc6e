package dev.outrider.proxy.intercept.plan;

import dev.outrider.xds.model.Cidr;
import java.net.InetAddress;
import java.util.List;

/**
 * What is captured and what never is. Every value is typed: no text of the operator reaches a rule tool (CVE-2026-23766 was an interface name that did).
 * Immutable. Made by {@link InterceptionOptions}.
 *
 * @param loopback destinations that count as "this process talks to its own machine" (IPv4; for IPv6 it is ::1)
 * @param dropInvalid drop TCP packets that conntrack calls invalid, instead of having the kernel answer them with a reset
 */
public record InterceptionPlan(
        Mode mode,
        Listeners listeners,
        Inbound inbound,
        Outbound outbound,
        Owners owners,
        Interfaces interfaces,
        Dns dns,
        Families families,
        Cidr loopback,
        Marks marks,
        boolean dropInvalid) {

    /** The same machine with nothing captured but questions for names. */
    public InterceptionPlan forNamesAlone() {
        return new InterceptionPlan(
                Mode.REDIRECT, listeners, new Inbound(false, List.of(), List.of(), List.of()),
                new Outbound(false, List.of(), List.of(), List.of(), List.of()), owners, new Interfaces(List.of(), List.of()),
                new Dns(true, dns.all(), dns.servers()), families, loopback, marks, false);
    }

    /** The same machine with nobody to capture for: what would be captured is refused, and names go their own way. */
    public InterceptionPlan closed() {
        return new InterceptionPlan(
                Mode.CLOSED, listeners, inbound, outbound, owners, interfaces, new Dns(false, false, List.of()), families, loopback, marks, false);
    }

    public boolean capturesConnections() {
        return inbound.any() || outbound.all() || !outbound.include().isEmpty() || !outbound.includePorts().isEmpty();
    }

    /** How connections reach the proxy: with the original destination asked for, inbound ones with both addresses kept, or not at all. */
    public enum Mode { REDIRECT, TPROXY, CLOSED }

    /** Ports of the proxy on this machine. {@code tunnel} (HBONE) is never captured. */
    public record Listeners(int outbound, int inbound, int tunnel, int dns) {}

    /** @param all every port but {@code exclude}; otherwise only {@code include} */
    public record Inbound(boolean all, List<Integer> include, List<Integer> exclude, List<SshSession> ssh) {

        public boolean any() {
            return all || !include.isEmpty();
        }
    }

    /** The session that the operator is working in: the next one from there must work too. */
    public record SshSession(InetAddress peer, int port) {}

    /** @param includePorts captured whatever their destination is, unless it is in {@code exclude} */
    public record Outbound(boolean all, List<Cidr> include, List<Cidr> exclude, List<Integer> includePorts, List<Integer> excludePorts) {

        public boolean coversLoopback() {
            return include.stream().anyMatch(range -> range.base().isLoopbackAddress());
        }
    }

    /**
     * @param uids never captured; the first is the proxy's own, and its calls to this machine's addresses go to the inbound listener
     * @param gids likewise
     * @param onlyGroups captured are these groups only; empty means all
     * @param exceptGroups never captured
     */
    public record Owners(List<Integer> uids, List<Integer> gids, List<Integer> onlyGroups, List<Integer> exceptGroups) {}

    /** @param guests interfaces of virtual machines: what comes in there is outbound traffic */
    public record Interfaces(List<String> excluded, List<String> guests) {}

    /** @param all capture queries to any server; otherwise those to {@code servers} */
    public record Dns(boolean capture, boolean all, List<InetAddress> servers) {}

    /** Which families are captured; the other is left alone whole. */
    public record Families(boolean v4, boolean v6) {}

    /** For TPROXY: the mark of captured packets and the routing table that delivers them here. */
    public record Marks(int tproxy, int routeTable) {}
}
