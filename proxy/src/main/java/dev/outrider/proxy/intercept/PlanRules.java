package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.RuleSet.Chain;
import dev.outrider.proxy.intercept.RuleSet.Hook;
import dev.outrider.proxy.intercept.RuleSet.Match;
import dev.outrider.proxy.intercept.RuleSet.Protocol;
import dev.outrider.proxy.intercept.RuleSet.Rule;
import dev.outrider.proxy.intercept.RuleSet.Verdict;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Mode;
import dev.outrider.xds.model.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** The rules of a plan, each with its reason. The order is the meaning: exclusions first, then what belongs to the proxy, then capture. Pure. */
final class PlanRules {
    /** Source address of the proxy's own connections to local applications (Istio's inbound passthrough): they must not come back to it. */
    private static final List<Cidr> PASSTHROUGH_SOURCES = List.of(host("127.0.0.6"), host("::6"));

    /** The cloud's metadata service answers by source machine: a proxied request would be somebody else's. */
    private static final List<Cidr> METADATA = List.of(host("169.254.169.254"), host("fd00:ec2::254"));

    private static final Cidr LOOPBACK_V6 = host("::1");
    private static final int DNS_PORT = 53;

    /** Conntrack zones that keep a captured query and the proxy's own query with the same ports apart. */
    private static final int ZONE_RESOLVER = 1;
    private static final int ZONE_CLIENT = 2;

    private static final int PORTS_PER_RULE = 15;
    private static final Verdict LEAVE = new Verdict.LeaveAlone();
    private static final Match LO_OUT = new Match.Out("lo");
    private static final Match LO_IN = new Match.In("lo");
    private static final Match TCP = new Match.Over(Protocol.TCP);

    private final InterceptionPlan plan;
    private final List<Rule> rules = new ArrayList<>();

    private PlanRules(InterceptionPlan plan) {
        this.plan = plan;
    }

    static RuleSet of(InterceptionPlan plan) {
        var chains = new ArrayList<Chain>();
        for (Hook hook : Hook.values()) {
            var builder = new PlanRules(plan);
            builder.fill(hook);
            if (!builder.rules.isEmpty()) {
                chains.add(new Chain(hook, List.copyOf(builder.rules)));
            }
        }
        return new RuleSet(plan.families(), List.copyOf(chains));
    }

    private void fill(Hook hook) {
        if (plan.mode() == Mode.CLOSED) {
            refuse(hook);
            return;
        }
        switch (hook) {
            case RAW_PREROUTING -> resolverReplies();
            case RAW_OUTPUT -> dnsZones();
            case MANGLE_PREROUTING -> manglePrerouting();
            case MANGLE_OUTPUT -> mangleOutput();
            case NAT_PREROUTING -> natPrerouting();
            case NAT_OUTPUT -> natOutput();
            case FILTER_INPUT, FILTER_FORWARD, FILTER_OUTPUT -> { }
        }
    }

    /** What would be captured, of new connections; those that are there end with the proxy or have nothing to do with it. */
    private void refuse(Hook hook) {
        switch (hook) {
            case FILTER_INPUT -> {
                if (plan.inbound().any()) {
                    add("this machine's own connections", LEAVE, LO_IN);
                    excludedLinks(true);
                    inboundExclusions();
                    inboundCapture(new Verdict.Refuse(), new Match.NewConnection());
                }
            }
            case FILTER_FORWARD -> plan.interfaces().guests().forEach(guest -> outboundCapture(new Match.In(guest), new Match.NewConnection()));
            case FILTER_OUTPUT -> natOutput();
            default -> { }
        }
    }

    // raw

    private boolean dns() {
        return plan.dns().capture() && !plan.outbound().excludePorts().contains(DNS_PORT);
    }

    private void resolverReplies() {
        if (dns()) {
            Match reply = new Match.FromPort(Protocol.UDP, DNS_PORT);
            if (plan.dns().all()) {
                add("answers of resolvers", new Verdict.Zone(ZONE_RESOLVER), reply);
            } else {
                plan.dns().servers().forEach(server -> add("answers of resolvers", new Verdict.Zone(ZONE_RESOLVER), new Match.Source(host(server)), reply));
            }
        }
    }

    private void dnsZones() {
        if (!dns()) {
            return;
        }
        Match query = toPort(Protocol.UDP, DNS_PORT);
        Match answer = new Match.FromPort(Protocol.UDP, plan.listeners().dns());
        for (Match owner : exemptOwners()) {
            add("the proxy's own queries", new Verdict.Zone(ZONE_RESOLVER), query, owner);
        }
        // Whoever made the socket: a supervisor that keeps it over restarts is another user than the proxy.
        add("the proxy's answers", new Verdict.Zone(ZONE_CLIENT), answer);
        for (Match[] group : exemptGroups()) {
            add("queries that are not captured", new Verdict.Zone(ZONE_RESOLVER), with(group, query));
        }
        if (plan.dns().all()) {
            add("captured queries", new Verdict.Zone(ZONE_CLIENT), query);
        } else {
            plan.dns().servers().forEach(server -> add("captured queries", new Verdict.Zone(ZONE_CLIENT), to(host(server)), query));
        }
    }

    // mangle

    private void manglePrerouting() {
        boolean transparent = plan.mode() == Mode.TPROXY && plan.inbound().any();
        if (transparent || plan.dropInvalid()) {
            excludedLinks(true);
        }
        if (plan.dropInvalid()) {
            add("no reset for packets that conntrack does not know", new Verdict.Drop(), TCP, new Match.InvalidState());
        }
        if (!transparent) {
            return;
        }
        int mark = plan.marks().tproxy();
        plan.interfaces().guests().forEach(link -> add("guests' traffic is outbound", LEAVE, new Match.In(link)));
        add("connections that keep the client's address come back by this mark", new Verdict.SaveMark(), TCP, new Match.Mark(mark));
        add("this machine's own connections", LEAVE, LO_IN);
        inboundExclusions();
        inboundCapture(new Verdict.TransparentProxy(plan.listeners().inbound(), mark), new Match.NewConnection());
    }

    private void mangleOutput() {
        if (plan.mode() != Mode.TPROXY || !plan.inbound().any()) {
            return;
        }
        int mark = plan.marks().tproxy();
        excludedLinks(false);
        add("the proxy to the application, with the client's address", LEAVE, LO_OUT, TCP, new Match.Mark(mark));
        add("the application's answers to those", new Verdict.RestoreMark(), TCP, new Match.ConnectionMark(mark));
    }

    // nat

    private void natPrerouting() {
        for (String guest : plan.interfaces().guests()) {
            outboundCapture(new Match.In(guest));
            add("guests' traffic is outbound", LEAVE, new Match.In(guest));
        }
        if (plan.mode() == Mode.TPROXY || !plan.inbound().any()) {
            return;
        }
        excludedLinks(true);
        inboundExclusions();
        inboundCapture(new Verdict.Redirect(plan.listeners().inbound()));
    }

    private void inboundCapture(Verdict capture, Match... also) {
        if (plan.inbound().all()) {
            add("inbound", capture, with(new Match[] {TCP}, also));
        } else {
            chunks(plan.inbound().include()).forEach(ports -> add("inbound", capture, with(new Match[] {new Match.ToPorts(Protocol.TCP, ports, false)}, also)));
        }
    }

    private void inboundExclusions() {
        add("what this machine forwards", LEAVE, new Match.ForOthers());
        plan.inbound().ssh().forEach(session -> add(
                "the operator's session", LEAVE, new Match.Source(host(session.peer())), toPort(Protocol.TCP, session.port())));
        var ports = new ArrayList<>(List.of(plan.listeners().tunnel()));
        ports.addAll(plan.inbound().exclude());
        chunks(ports).forEach(some -> add("never captured", LEAVE, new Match.ToPorts(Protocol.TCP, some, false)));
    }

    private void natOutput() {
        excludedLinks(false);
        chunks(plan.outbound().excludePorts()).forEach(ports -> {
            add("excluded ports", LEAVE, new Match.ToPorts(Protocol.TCP, ports, false));
            add("excluded ports", LEAVE, new Match.ToPorts(Protocol.UDP, ports, false));
        });
        PASSTHROUGH_SOURCES.forEach(source -> add("the proxy to a local application", LEAVE, LO_OUT, new Match.Source(source)));
        callsToItself();
        exemptOwners().forEach(owner -> add("the proxy and exempt users", LEAVE, owner));
        if (!plan.outbound().coversLoopback()) {
            if (dns()) {
                add("local calls", LEAVE, LO_OUT, new Match.ToPorts(Protocol.TCP, List.of(DNS_PORT), true));
            } else {
                add("local calls", LEAVE, LO_OUT);
            }
        }
        exemptGroups().forEach(group -> add("groups that are not captured", LEAVE, group));
        captureDns();
        loopbacks().forEach(range -> add("local calls", LEAVE, to(range)));
        METADATA.forEach(range -> add("cloud metadata", LEAVE, to(range)));
        plan.outbound().exclude().forEach(range -> add("excluded ranges", LEAVE, to(range)));
        if (plan.mode() == Mode.CLOSED) {
            outboundCapture(new Match.NewConnection());
        } else {
            outboundCapture();
        }
    }

    /** The proxy that dials an address of this machine (a service that this machine serves itself) passes through the inbound policy. */
    private void callsToItself() {
        if (!plan.capturesConnections() || plan.mode() == Mode.CLOSED) {
            return;
        }
        List<Integer> not = dns() ? List.of(DNS_PORT, plan.listeners().tunnel()) : List.of(plan.listeners().tunnel());
        Match ports = new Match.ToPorts(Protocol.TCP, not, true);
        Verdict inbound = new Verdict.Redirect(plan.listeners().inbound());
        for (Cidr range : loopbacks()) {
            Match elsewhere = new Match.Destination(range, true);
            plan.owners().uids().stream().limit(1).forEach(uid -> add("the proxy to this machine", inbound, LO_OUT, elsewhere, ports, new Match.User(uid)));
            plan.owners().gids().stream().limit(1).forEach(gid -> add("the proxy to this machine", inbound, LO_OUT, elsewhere, ports, new Match.Group(gid, false)));
        }
    }

    private void captureDns() {
        if (!dns()) {
            return;
        }
        Verdict capture = new Verdict.Redirect(plan.listeners().dns());
        for (Protocol protocol : Protocol.values()) {
            Match query = toPort(protocol, DNS_PORT);
            if (plan.dns().all()) {
                add("names", capture, query);
            } else {
                plan.dns().servers().forEach(server -> add("names", capture, to(host(server)), query));
            }
        }
    }

    private void outboundCapture(Match... where) {
        Verdict capture = plan.mode() == Mode.CLOSED ? new Verdict.Refuse() : new Verdict.Redirect(plan.listeners().outbound());
        chunks(plan.outbound().includePorts()).forEach(ports -> add("outbound", capture, with(where, new Match.ToPorts(Protocol.TCP, ports, false))));
        if (plan.outbound().all()) {
            add("outbound", capture, with(where, TCP));
        } else {
            plan.outbound().include().forEach(range -> add("outbound", capture, with(where, to(range), TCP)));
        }
    }

    private void excludedLinks(boolean in) {
        plan.interfaces().excluded().forEach(link -> add("excluded interfaces", LEAVE, in ? new Match.In(link) : new Match.Out(link)));
    }

    private List<Match> exemptOwners() {
        var owners = new ArrayList<Match>();
        plan.owners().uids().forEach(uid -> owners.add(new Match.User(uid)));
        plan.owners().gids().forEach(gid -> owners.add(new Match.Group(gid, false)));
        return owners;
    }

    private List<Match[]> exemptGroups() {
        var groups = new ArrayList<Match[]>();
        if (!plan.owners().onlyGroups().isEmpty()) {
            groups.add(plan.owners().onlyGroups().stream().map(gid -> new Match.Group(gid, true)).toArray(Match[]::new));
        }
        plan.owners().exceptGroups().forEach(gid -> groups.add(new Match[] {new Match.Group(gid, false)}));
        return groups;
    }

    private List<Cidr> loopbacks() {
        return List.of(plan.loopback(), LOOPBACK_V6);
    }

    /** Rules that can match no captured family are left out here, so that neither printer has to know. */
    private void add(String why, Verdict verdict, Match... matches) {
        var rule = new Rule(List.of(matches), verdict, why);
        if ((plan.families().v4() && rule.matches(false)) || (plan.families().v6() && rule.matches(true))) {
            rules.add(rule);
        }
    }

    private static Match[] with(Match[] first, Match... then) {
        var all = new ArrayList<>(List.of(first));
        all.addAll(List.of(then));
        return all.toArray(Match[]::new);
    }

    private static List<List<Integer>> chunks(List<Integer> ports) {
        var chunks = new ArrayList<List<Integer>>();
        for (int from = 0; from < ports.size(); from += PORTS_PER_RULE) {
            chunks.add(List.copyOf(ports.subList(from, Math.min(ports.size(), from + PORTS_PER_RULE))));
        }
        return chunks;
    }

    private static Match toPort(Protocol protocol, int port) {
        return new Match.ToPorts(protocol, List.of(port), false);
    }

    private static Match to(Cidr range) {
        return new Match.Destination(range, false);
    }

    private static Cidr host(String literal) {
        return host(InetAddress.ofLiteral(literal));
    }

    private static Cidr host(InetAddress address) {
        return new Cidr(address, address.getAddress().length * 8);
    }
}
