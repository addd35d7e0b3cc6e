package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.RuleSet.Hook;
import dev.outrider.proxy.intercept.RuleSet.Match;
import dev.outrider.proxy.intercept.RuleSet.Protocol;
import dev.outrider.proxy.intercept.RuleSet.Rule;
import dev.outrider.proxy.intercept.RuleSet.Verdict;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a plan's rules make of the first packet of a TCP connection: the rules that are printed for the kernel, read here instead. Names of interfaces other
 * than lo are not known beforehand, so that rules about them match nothing. Pure.
 */
public final class PacketPath {

    private final InterceptionPlan plan;
    private final RuleSet rules;
    private final List<InetAddress> local;

    /** @param local addresses of this machine, loopback aside */
    public PacketPath(InterceptionPlan plan, List<InetAddress> local) {
        this.plan = plan;
        this.rules = PlanRules.of(plan);
        this.local = local;
    }

    /** Whose packet it is; {@code gid} is the process's own group. */
    public record Owner(int uid, int gid) {}

    /**
     * Where it goes.
     *
     * @param port of this machine that it is redirected to; 0: where it was sent
     * @param why the rule's own words
     * @param byOwner whether it goes direct because of who sends it
     */
    public record Fate(int port, String why, boolean byOwner) {
        public boolean captured() {
            return port != 0;
        }
    }

    private record Packet(InetSocketAddress destination, Owner owner, boolean out, boolean toItself) {}

    /** A connection that a process of this machine opens. */
    public Fate outbound(InetSocketAddress destination, Owner owner) {
        InetAddress to = destination.getAddress();
        return follow(new Packet(destination, owner, true, to.isLoopbackAddress() || local.contains(to)), Hook.NAT_OUTPUT);
    }

    /** A connection that another machine opens to this one. */
    public Fate inbound(InetSocketAddress destination) {
        Hook hook = plan.mode() == InterceptionPlan.Mode.TPROXY ? Hook.MANGLE_PREROUTING : Hook.NAT_PREROUTING;
        return follow(new Packet(destination, new Owner(-1, -1), false, true), hook);
    }

    private Fate follow(Packet packet, Hook hook) {
        boolean v6 = packet.destination.getAddress() instanceof Inet6Address;
        if (!(v6 ? rules.families().v6() : rules.families().v4())) {
            return new Fate(0, v6 ? "IPv6 is not captured" : "IPv4 is not captured", false);
        }
        for (RuleSet.Chain chain : rules.chains()) {
            if (chain.hook() == hook) {
                for (Rule rule : chain.rules()) {
                    if (rule.matches(v6) && rule.matches().stream().allMatch(match -> fits(match, packet))) {
                        switch (rule.verdict()) {
                            case Verdict.LeaveAlone leave -> {
                                return new Fate(0, rule.why(), rule.matches().stream().anyMatch(PacketPath::asksWho));
                            }
                            case Verdict.Redirect redirect -> {
                                return new Fate(redirect.port(), rule.why(), false);
                            }
                            case Verdict.TransparentProxy transparent -> {
                                return new Fate(transparent.port(), rule.why(), false);
                            }
                            default -> {}
                        }
                    }
                }
            }
        }
        return new Fate(0, "no rule captures " + packet.destination.getAddress().getHostAddress() + " port " + packet.destination.getPort(), false);
    }

    private static boolean asksWho(Match match) {
        return match instanceof Match.User || match instanceof Match.Group;
    }

    private static boolean fits(Match match, Packet packet) {
        return switch (match) {
            case Match.In in -> false;
            case Match.Out out -> packet.out && out.link().equals("lo") && packet.toItself;
            case Match.Source source -> packet.out && packet.toItself && source.range().contains(packet.destination.getAddress());
            case Match.Destination destination -> destination.range().contains(packet.destination.getAddress()) != destination.negated();
            case Match.Over over -> over.protocol() == Protocol.TCP;
            case Match.ToPorts ports -> ports.protocol() == Protocol.TCP && ports.ports().contains(packet.destination.getPort()) != ports.negated();
            case Match.FromPort from -> false;
            case Match.User user -> packet.owner.uid == user.uid();
            case Match.Group group -> (packet.owner.gid == group.gid()) != group.negated();
            case Match.Mark mark -> false;
            case Match.ConnectionMark mark -> false;
            case Match.ForOthers others -> !packet.toItself;
            case Match.NewConnection fresh -> true;
            case Match.InvalidState invalid -> false;
        };
    }
}
