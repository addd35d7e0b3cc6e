package dev.outrider.dns.forward;

import dev.outrider.dns.wire.Query;
import dev.outrider.dns.wire.RecordType;
import dev.outrider.dns.wire.UpstreamQuestion;
import dev.outrider.dns.wire.WireName;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds resolvers that send our questions back to us: each is asked once, after each change, for a name that nobody can guess; if the server then
 * sees that name, the resolver is left out. Those that loop or do not answer are asked again from time to time: a loop may end, and one that
 * begins later first shows as a resolver without answers. Confined to the DNS loop.
 */
public final class LoopProbe {

    private final Forwarder forwarder;
    private final List<Pending> pending = new ArrayList<>();

    public LoopProbe(Forwarder forwarder) {
        this.forwarder = forwarder;
    }

    public void probe(ResolverGroup group) {
        group.all().forEach(this::probe);
    }

    public void probeSuspects(ResolverGroup group) {
        group.all().stream().filter(Resolver::suspect).forEach(this::probe);
    }

    private void probe(Resolver resolver) {
        // Two labels, since some resolvers keep single ones to themselves.
        byte[] name = WireName.of(forwarder.randomLabel() + "." + forwarder.randomLabel());
        Pending probe = new Pending(name, resolver);
        pending.add(probe);
        forwarder.probe(resolver, UpstreamQuestion.of(name, RecordType.HINFO), answered -> {
            pending.remove(probe);
            if (answered && !probe.cameBack) {
                resolver.looping(false);
            }
        });
    }

    /** Whether the question is a probe of ours on its way back; its resolver is then marked. */
    public boolean cameBack(Query query) {
        if (query.type() != RecordType.HINFO || pending.isEmpty()) {
            return false;
        }
        for (Pending probe : pending) {
            if (WireName.equal(probe.name, query.name(), 0, query.nameLength())) {
                probe.cameBack = true;
                probe.resolver.looping(true);
                return true;
            }
        }
        return false;
    }

    /** A probe on its way. */
    private static final class Pending {
        private final byte[] name;
        private final Resolver resolver;
        private boolean cameBack;

        Pending(byte[] name, Resolver resolver) {
            this.name = name;
            this.resolver = resolver;
        }
    }
}
