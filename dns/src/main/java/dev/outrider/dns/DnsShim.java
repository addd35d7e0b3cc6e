package dev.outrider.dns;

import dev.outrider.dns.cache.AnswerCache;
import dev.outrider.dns.forward.ForwardCounters;
import dev.outrider.dns.forward.Forwarder;
import dev.outrider.dns.forward.LoopProbe;
import dev.outrider.dns.forward.Sockets;
import dev.outrider.dns.query.Answering;
import dev.outrider.dns.query.Cidr;
import dev.outrider.dns.query.DnsMetrics;
import dev.outrider.dns.query.QueryEngine;
import dev.outrider.dns.query.ZoneMap;
import dev.outrider.dns.table.MeshName;
import dev.outrider.dns.table.MeshPort;
import dev.outrider.dns.table.NameTable;
import dev.outrider.dns.table.NameTableBuilder;
import dev.outrider.dns.table.StaticRecord;
import dev.outrider.dns.wire.RecordType;
import dev.outrider.dns.wire.UpstreamQuestion;
import dev.outrider.dns.wire.WireName;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The DNS shim, assembled: mesh names from a table that is applied as a whole, every other name from the host's resolvers, from the first
 * millisecond on and whatever becomes of the control plane. All packets are handled on one event loop; tables are built on one
 * worker thread. Methods may be called from any thread; {@link #start} and {@link #close} block.
 */
public final class DnsShim implements AutoCloseable {

    /** Often enough to use a resolver again soon, and rare for one that is gone for good. */
    private static final int RECHECK_SECONDS = 10;

    private final DnsSettings settings;
    private final @Nullable EventLoopGroup ownGroup;
    private final EventLoop loop;
    private final ScheduledExecutorService worker;
    private final NameTableBuilder builder;
    private final AnswerCache cache;
    private final Forwarder forwarder;
    private final QueryEngine engine;
    private final DnsMetrics metrics;
    private final HostResolvers resolvers;
    private final LongSupplier clock;
    private final Fronts fronts;

    /** What became of a table. */
    public record TableUpdate(boolean changed, int serial, List<String> errors) {}

    /** With an event loop of its own. */
    public DnsShim(DnsSettings settings) {
        this(settings, ownLoop(), true, System::nanoTime);
    }

    /** With a clock that a test moves. */
    DnsShim(DnsSettings settings, LongSupplier nanoClock) {
        this(settings, ownLoop(), true, nanoClock);
    }

    /** On one loop of {@code group}, which stays the caller's. */
    public DnsShim(DnsSettings settings, EventLoopGroup group) {
        this(settings, group, false, System::nanoTime);
    }

    private DnsShim(DnsSettings settings, EventLoopGroup group, boolean own, LongSupplier nanoClock) {
        clock = nanoClock;
        this.settings = settings;
        ownGroup = own ? group : null;
        loop = group.next();
        worker = Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("outrider-dns-worker", true));
        ZonePlan plan = new ZonePlan(settings);
        ZoneMap zones = plan.zones();
        builder = new NameTableBuilder(settings.mesh().clusterDomain(), settings.mesh().namespace(), zones.ours(), records(settings));
        cache = new AnswerCache(settings.answers().cacheBytes());
        metrics = new DnsMetrics(zones);
        Sockets sockets = Sockets.of(loop, settings.upstream().mark());
        forwarder = new Forwarder(sockets, clock, (question, answer, by) -> cache.put(question, answer, by.text(), clock.getAsLong()));
        LoopProbe probe = new LoopProbe(forwarder);
        engine = new QueryEngine(
                answering(settings), new QueryEngine.Parts(zones, cache, forwarder, probe, metrics, clock), builder.current());
        fronts = new Fronts(sockets, engine, settings, clock);
        resolvers = new HostResolvers(settings, plan, probe, loop, this::applySearch);
    }

    private static EventLoopGroup ownLoop() {
        DefaultThreadFactory threads = new DefaultThreadFactory("outrider-dns", true);
        return new MultiThreadIoEventLoopGroup(1, threads, Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    private static List<StaticRecord> records(DnsSettings settings) {
        List<StaticRecord> records = new ArrayList<>(settings.records());
        // Version of the Kubernetes DNS specification whose records are served.
        records.add(new StaticRecord("dns-version." + settings.mesh().clusterDomain(), "TXT", "1.1.0"));
        return records;
    }

    private static Answering answering(DnsSettings settings) {
        DnsSettings.Answers answers = settings.answers();
        int ttl = (int) Math.clamp(answers.ttl().toSeconds(), 0L, 3600L);
        int negative = (int) Math.clamp(answers.negativeTtl().toSeconds(), 0L, 5L);
        List<Cidr> ranges = settings.mesh().serviceRanges().stream().map(Cidr::of).toList();
        return new Answering(ttl, negative, ranges, answers.dropRebinding(), answers.maxWaitingPerPeer(), answers.maxWaiting());
    }

    /**
     * Reads the host's resolvers and opens the sockets; returns the bound addresses in the order of {@link DnsSettings#listen}. Throws
     * IOException that names the address that cannot be bound.
     */
    public List<InetSocketAddress> start() throws IOException {
        return start(SocketSource.NONE);
    }

    /** The same, on sockets of {@code given} where it has them. */
    public List<InetSocketAddress> start(SocketSource given) throws IOException {
        List<InetSocketAddress> bound;
        try {
            resolvers.readBeforeStart();
            bound = fronts.open(given);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
        resolvers.startedOn(bound);
        worker.scheduleWithFixedDelay(resolvers::reread, 2, 2, TimeUnit.SECONDS);
        worker.scheduleWithFixedDelay(resolvers::recheck, RECHECK_SECONDS, RECHECK_SECONDS, TimeUnit.SECONDS);
        return bound;
    }

    /** The open sockets, for the process that takes over. */
    public List<Channel> channels() {
        return fronts.channels();
    }

    /** Replaces the names of the mesh; compares and builds off the loop. Calls are applied in order. */
    public CompletableFuture<TableUpdate> applyTable(Collection<MeshName> rows) {
        List<MeshName> copy = List.copyOf(rows);
        return CompletableFuture.supplyAsync(() -> {
            List<String> errors = new ArrayList<>();
            return swap(builder.names(copy, errors), errors);
        }, worker);
    }

    /** Replaces the ports of mesh hosts, for SRV. */
    public CompletableFuture<TableUpdate> applyPorts(Collection<MeshPort> rows) {
        List<MeshPort> copy = List.copyOf(rows);
        return CompletableFuture.supplyAsync(() -> swap(builder.ports(copy), List.of()), worker);
    }

    private void applySearch(List<String> domains) {
        worker.execute(() -> swap(builder.search(domains), List.of()));
    }

    private TableUpdate swap(NameTable next, List<String> errors) {
        boolean changed = engine.table() != next;
        engine.table(next);
        return new TableUpdate(changed, next.serial(), List.copyOf(errors));
    }

    /** Whether a table of the mesh was applied. */
    public boolean synced() {
        return engine.table().ready();
    }

    /** Asks the shim itself; fails with IllegalArgumentException that says what is wrong with the name or the type. */
    public CompletableFuture<Explanation> explain(String name, String type) {
        byte[] packet;
        try {
            packet = UpstreamQuestion.of(WireName.of(name), RecordType.parse(type)).packet(0, true);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        return CompletableFuture.supplyAsync(() -> {
            Explanation.Target target = new Explanation.Target();
            engine.handle(packet, packet.length, target);
            return target.result();
        }, loop).thenCompose(Function.identity());
    }

    /** Asks the shim itself for addresses: IPv4, and IPv6 where there are none. None for a name without any, or that nobody knows. */
    public CompletableFuture<List<InetAddress>> addresses(String name) {
        return explain(name, "A").thenCompose(v4 -> {
            List<InetAddress> found = addresses(v4, "A");
            return found.isEmpty() ? explain(name, "AAAA").thenApply(v6 -> addresses(v6, "AAAA")) : CompletableFuture.completedFuture(found);
        });
    }

    private static List<InetAddress> addresses(Explanation answer, String type) {
        return answer.records().stream().map(record -> record.split(" ", 4))
                .filter(fields -> fields.length == 4 && fields[2].equals(type)).map(fields -> InetAddress.ofLiteral(fields[3])).toList();
    }

    public CompletableFuture<DnsDump> dump() {
        return CompletableFuture.supplyAsync(() -> {
            long now = clock.getAsLong();
            NameTable table = engine.table();
            return new DnsDump(
                    table.ready(), table.serial(), table.nameCount(), Dumps.hosts(table), Dumps.cached(cache, now),
                    cache.size(), cache.bytes(), resolvers.groups(now), resolvers.search(), engine.waiting());
        }, loop);
    }

    /** Live counters; reading them costs the DNS loop nothing. */
    public DnsMetrics metrics() {
        return metrics;
    }

    public ForwardCounters forwarding() {
        return forwarder.counters();
    }

    /** Closes the sockets; clients that wait get SERVFAIL. Idempotent. */
    @Override
    public void close() {
        worker.shutdownNow();
        fronts.close(forwarder);
        EventLoopGroup own = ownGroup;
        if (own != null) {
            own.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
        }
    }
}
