package dev.outrider.dns;

import dev.outrider.dns.forward.LoopProbe;
import dev.outrider.dns.forward.ResolvConf;
import dev.outrider.dns.forward.ResolverGroup;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Keeps the resolvers in use equal to what the host's files say, without ourselves. Reads on the worker thread, applies on the DNS
 * loop, probes for loops after each change.
 */
final class HostResolvers {

    private static final Logger LOG = Logger.getLogger(HostResolvers.class.getName());

    private final DnsSettings settings;
    private final ZonePlan plan;
    private final LoopProbe probe;
    private final EventLoop loop;
    private final Consumer<List<String>> searchWatcher;
    private volatile List<InetSocketAddress> own = List.of();
    private volatile List<String> search = List.of();
    private volatile List<InetSocketAddress> servers = List.of();
    private volatile boolean failing;
    private volatile boolean started;

    HostResolvers(DnsSettings settings, ZonePlan plan, LoopProbe probe, EventLoop loop, Consumer<List<String>> searchWatcher) {
        this.settings = settings;
        this.plan = plan;
        this.probe = probe;
        this.loop = loop;
        this.searchWatcher = searchWatcher;
    }

    /** Before the sockets are open, so that their first packet finds resolvers. */
    void readBeforeStart() {
        own = settings.listen();
        reread();
    }

    void startedOn(List<InetSocketAddress> bound) {
        own = bound;
        reread();
        loop.execute(() -> {
            started = true;
            probe.probe(plan.host());
            plan.routed().forEach(probe::probe);
        });
    }

    /** Gives resolvers that loop or do not answer another chance. */
    void recheck() {
        loop.execute(() -> {
            probe.probeSuspects(plan.host());
            plan.routed().forEach(probe::probeSuspects);
        });
    }

    void reread() {
        DnsSettings.Upstream upstream = settings.upstream();
        ResolvConf conf;
        try {
            conf = ResolvConf.read(upstream.resolvConf(), upstream.behindStub());
            failing = false;
        } catch (IOException e) {
            if (!failing) {
                failing = true;
                LOG.log(Level.WARNING, "[{0}] cannot be read, resolvers stay as they were: {1}", new Object[] {upstream.resolvConf(), e.getMessage()});
            }
            return;
        }
        List<InetSocketAddress> next = new ArrayList<>(upstream.servers().isEmpty() ? conf.servers() : upstream.servers());
        next.removeIf(this::isOurs);
        if (!next.equals(servers)) {
            servers = List.copyOf(next);
            List<InetSocketAddress> applied = servers;
            loop.execute(() -> {
                if (plan.host().update(applied) && started) {
                    probe.probe(plan.host());
                }
            });
            if (applied.isEmpty()) {
                LOG.log(Level.WARNING, "[{0}] names no resolver but ourselves: only names of the mesh resolve", upstream.resolvConf());
            }
        }
        List<String> domains = upstream.search().isEmpty() ? conf.search() : upstream.search();
        if (!domains.equals(search)) {
            search = domains;
            searchWatcher.accept(domains);
        }
    }

    private boolean isOurs(InetSocketAddress server) {
        for (InetSocketAddress mine : own) {
            if (mine.getPort() != server.getPort()) {
                continue;
            }
            if (mine.getAddress().equals(server.getAddress()) || mine.getAddress().isAnyLocalAddress() && isLocal(server)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isLocal(InetSocketAddress server) {
        try {
            return server.getAddress().isLoopbackAddress() || NetworkInterface.getByInetAddress(server.getAddress()) != null;
        } catch (SocketException e) {
            // Unknown is not ours; the loop probe finds out.
            return false;
        }
    }

    List<String> search() {
        return search;
    }

    /** On the loop. */
    List<DnsDump.Group> groups(long now) {
        List<DnsDump.Group> groups = new ArrayList<>();
        groups.add(new DnsDump.Group(".", plan.host().states(now)));
        for (ResolverGroup group : plan.routed()) {
            groups.add(new DnsDump.Group(group.name(), group.states(now)));
        }
        return groups;
    }
}
