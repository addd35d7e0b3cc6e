package dev.outrider.dns;

import dev.outrider.dns.cache.AnswerCache;
import dev.outrider.dns.forward.Forwarder;
import dev.outrider.dns.forward.LoopProbe;
import dev.outrider.dns.forward.Sockets;
import dev.outrider.dns.query.Answering;
import dev.outrider.dns.query.DnsMetrics;
import dev.outrider.dns.query.QueryEngine;
import dev.outrider.dns.table.NameTable;
import dev.outrider.dns.table.NameTableBuilder;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.List;

/** An engine without the shim around it, for tests that drive a handler or the engine itself. */
final class Engines {

    private Engines() {}

    /** Over an empty table, for {@code loop}. */
    static QueryEngine local(EventLoop loop) {
        return local(loop, new NameTableBuilder("cluster.local", "default", List.of(), List.of()).current());
    }

    static QueryEngine local(EventLoop loop, NameTable table) {
        return forwarding(forwarder(loop), List.of(), table);
    }

    static Forwarder forwarder(EventLoop loop) {
        return new Forwarder(Sockets.of(loop, 0), System::nanoTime, (question, answer, by) -> { });
    }

    /** With the default limits, and these resolvers for everything else. */
    static QueryEngine forwarding(Forwarder forwarder, List<InetSocketAddress> resolvers, NameTable table) {
        ZonePlan plan = new ZonePlan(DnsSettings.defaults());
        boolean unused = plan.host().update(resolvers);
        DnsSettings.Answers answers = DnsSettings.defaults().answers();
        return new QueryEngine(
                new Answering(30, 5, List.of(), false, answers.maxWaitingPerPeer(), answers.maxWaiting()),
                new QueryEngine.Parts(
                        plan.zones(), new AnswerCache(0), forwarder, new LoopProbe(forwarder), new DnsMetrics(plan.zones()), System::nanoTime),
                table);
    }
}
