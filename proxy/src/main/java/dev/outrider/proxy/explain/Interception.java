package dev.outrider.proxy.explain;

import dev.outrider.proxy.explain.Surroundings.MachineRules;
import dev.outrider.proxy.intercept.PacketPath;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Whether the machine's rules hand a connection to the sidecar: by the rules themselves, for the user who asks. */
final class Interception {

    static final String STAGE = "interception";

    private static final String AS_IF = "what follows is what would happen if it were taken";

    private final @Nullable Supplier<MachineRules> machine;

    Interception(@Nullable Supplier<MachineRules> machine) {
        this.machine = machine;
    }

    /** {@code port}: of the listener that gets it, 0 where that is not known. */
    record Taken(Step step, int port) {}

    Taken outbound(InetSocketAddress to, Question.@Nullable Caller caller) {
        MachineRules rules;
        try {
            rules = rules();
        } catch (IllegalArgumentException e) {
            return unknown(String.valueOf(e.getMessage()));
        }
        if (rules == null) {
            return unknown("this process runs on a bootstrap alone and does not know the machine's rules");
        }
        int port = rules.plan().listeners().outbound();
        var owner = caller == null ? new PacketPath.Owner(-1, -1) : caller.owner();
        PacketPath.Fate fate = new PacketPath(rules.plan(), rules.addresses()).outbound(to, owner);
        if (fate.captured()) {
            return taken(fate, rules, "connections of " + who(caller));
        }
        if (fate.byOwner()) {
            return new Taken(new Step(STAGE, Step.Level.PROBLEM, who(caller) + " is excluded: its connections go direct (" + fate.why() + ")",
                    List.of(AS_IF), "try as another user, for example: sudo -u nobody curl ...; or explain it for one with --as NAME"), port);
        }
        return new Taken(new Step(STAGE, Step.Level.PROBLEM, "it goes direct, not through the mesh: " + fate.why(), List.of(AS_IF),
                "interception.serviceRanges (ISTIO_SERVICE_CIDR) must cover the address; 'outrider config show --origin' says what it is and which file said so"), port);
    }

    Taken inbound(InetSocketAddress to) {
        MachineRules rules;
        try {
            rules = rules();
        } catch (IllegalArgumentException e) {
            return unknown(String.valueOf(e.getMessage()));
        }
        if (rules == null) {
            return unknown("this process runs on a bootstrap alone and does not know the machine's rules");
        }
        PacketPath.Fate fate = new PacketPath(rules.plan(), rules.addresses()).inbound(to);
        if (fate.captured()) {
            return taken(fate, rules, "connections to port " + to.getPort());
        }
        return new Taken(new Step(STAGE, Step.Level.PROBLEM, "callers reach the application itself, not the sidecar: " + fate.why(), List.of(AS_IF),
                "name the port in interception.inboundPorts (ISTIO_INBOUND_PORTS), then: outrider intercept apply"), rules.plan().listeners().inbound());
    }

    private static Taken taken(PacketPath.Fate fate, MachineRules rules, String what) {
        if (rules.applied().isEmpty()) {
            return new Taken(new Step(STAGE, Step.Level.PROBLEM, "no rules are installed: nothing is taken", List.of(AS_IF),
                    "sudo outrider intercept apply --rollback-after 60"), fate.port());
        }
        List<String> details = new ArrayList<>(List.of("rule: " + fate.why() + "; installed by " + rules.applied() + ", " + (rules.guarded() ? "guarded" : "not guarded")));
        if (rules.plan().mode() == InterceptionPlan.Mode.TPROXY) {
            details.add("TPROXY: the client's address is kept inbound");
        }
        return new Taken(Step.ok(STAGE, what + " are taken to port " + fate.port(), details), fate.port());
    }

    private static Taken unknown(String why) {
        return new Taken(Step.note(STAGE, "not known: " + why, ""), 0);
    }

    private @Nullable MachineRules rules() {
        Supplier<MachineRules> source = machine;
        return source == null ? null : source.get();
    }

    private static String who(Question.@Nullable Caller caller) {
        return caller == null ? "users who are not excluded" : caller.name() + " (uid " + caller.owner().uid() + ")";
    }
}
