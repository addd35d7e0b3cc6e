package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.RuleSet.Chain;
import dev.outrider.proxy.intercept.RuleSet.Match;
import dev.outrider.proxy.intercept.RuleSet.Protocol;
import dev.outrider.proxy.intercept.RuleSet.Rule;
import dev.outrider.proxy.intercept.RuleSet.Verdict;
import dev.outrider.xds.model.Cidr;
import io.netty.util.NetUtil;
import java.net.Inet6Address;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Prints rules for {@code nft -f -}: one transaction that replaces our own table and touches no other. Pure. */
final class NftScript {
    static final String TABLE = "inet outrider";

    /** Works whether or not the table is there. */
    static final String REMOVE = "table " + TABLE + "\ndelete table " + TABLE + "\n";

    private NftScript() {}

    static String of(RuleSet rules) {
        var text = new StringBuilder(REMOVE).append("table ").append(TABLE).append(" {\n");
        for (Chain chain : rules.chains()) {
            text.append("\tchain ").append(chain.hook().name().toLowerCase(Locale.ROOT)).append(" {\n");
            text.append("\t\ttype ").append(chain.hook().nftType).append(" hook ").append(chain.hook().chain.toLowerCase(Locale.ROOT))
                    .append(" priority ").append(chain.hook().nftPriority).append("; policy accept;\n");
            if (!rules.families().v6()) {
                text.append("\t\tmeta nfproto ipv6 return comment \"IPv6 is not captured\"\n");
            }
            if (!rules.families().v4()) {
                text.append("\t\tmeta nfproto ipv4 return comment \"IPv4 is not captured\"\n");
            }
            chain.rules().forEach(rule -> text.append("\t\t").append(rule(rule)).append('\n'));
            text.append("\t}\n");
        }
        return text.append("}\n").toString();
    }

    private static String rule(Rule rule) {
        String matches = rule.matches().stream().map(match -> match(match) + " ").collect(Collectors.joining());
        return matches + verdict(rule.verdict()) + " comment \"" + rule.why() + "\"";
    }

    private static String match(Match match) {
        return switch (match) {
            case Match.In in -> "iifname \"" + in.link() + "\"";
            case Match.Out out -> "oifname \"" + out.link() + "\"";
            case Match.Source source -> family(source.range()) + " saddr " + address(source.range());
            case Match.Destination to -> family(to.range()) + " daddr " + not(to.negated()) + address(to.range());
            case Match.Over over -> "meta l4proto " + name(over.protocol());
            case Match.ToPorts to -> name(to.protocol()) + " dport " + not(to.negated()) + set(to.ports());
            case Match.FromPort from -> name(from.protocol()) + " sport " + from.port();
            case Match.User user -> "meta skuid " + user.uid();
            case Match.Group group -> "meta skgid " + not(group.negated()) + group.gid();
            case Match.Mark mark -> "meta mark " + mark.mark();
            case Match.ConnectionMark mark -> "ct mark " + mark.mark();
            case Match.ForOthers _ -> "fib daddr type != local";
            case Match.NewConnection _ -> "ct state new";
            case Match.InvalidState _ -> "ct state invalid";
        };
    }

    private static String verdict(Verdict verdict) {
        return switch (verdict) {
            case Verdict.LeaveAlone _ -> "return";
            case Verdict.Redirect redirect -> "counter redirect to :" + redirect.port();
            case Verdict.TransparentProxy proxy -> "counter tproxy to :" + proxy.port() + " meta mark set " + proxy.mark() + " accept";
            case Verdict.Drop _ -> "counter drop";
            case Verdict.Refuse _ -> "counter reject with tcp reset";
            case Verdict.Zone zone -> "ct zone set " + zone.zone();
            case Verdict.SaveMark _ -> "ct mark set meta mark";
            case Verdict.RestoreMark _ -> "meta mark set ct mark";
        };
    }

    static String address(Cidr range) {
        String base = NetUtil.toAddressString(range.base());
        return range.length() == range.base().getAddress().length * 8 ? base : base + "/" + range.length();
    }

    private static String family(Cidr range) {
        return range.base() instanceof Inet6Address ? "ip6" : "ip";
    }

    private static String not(boolean negated) {
        return negated ? "!= " : "";
    }

    private static String name(Protocol protocol) {
        return protocol.name().toLowerCase(Locale.ROOT);
    }

    private static String set(List<Integer> ports) {
        String joined = ports.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return ports.size() == 1 ? joined : "{ " + joined + " }";
    }
}
