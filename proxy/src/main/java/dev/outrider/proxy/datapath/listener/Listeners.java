package dev.outrider.proxy.datapath.listener;

import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Cause;
import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Drain;
import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.connection.Wildcards;
import dev.outrider.proxy.datapath.origdst.OriginalDestinationSource;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Listener;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All listeners by name. {@link #put}, {@link #remove} and {@link #close} on the control loop; the rest from any thread.
 *
 * <p>A new version of a listener keeps the sockets whose address stays; connections of the old version are drained. A listener that does
 * not bind only stands in the table of hand-overs.
 */
public final class Listeners {

    /**
     * @param drainNanos how long connections of old versions may go on
     * @param mostConnections over all listeners
     * @param inherited sockets that listen already
     */
    public record Settings(
            EventLoopGroup loops, OriginalDestinationSource destinations, Stats stats, ScheduledExecutorService control, long drainNanos,
            int mostConnections, InheritedSockets inherited) {}

    private static final class Entry {
        LiveListener live;
        /** Changed on the control loop, read by whoever asks for addresses. */
        final Map<InetSocketAddress, Bound> bound = Collections.synchronizedMap(new LinkedHashMap<>());

        Entry(LiveListener live) {
            this.live = live;
        }
    }

    /**
     * @param given it listened before this process took it
     * @param both it takes connections to the other family's wildcard too
     */
    private record Bound(Acceptor acceptor, ChannelFuture binding, boolean given, boolean both) {}

    private final Settings settings;
    private final HandOff handOff = new HandOff();
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final Set<Channel> draining = ConcurrentHashMap.newKeySet();
    private final Set<Channel> finishing = ConcurrentHashMap.newKeySet();
    private final AtomicInteger closing = new AtomicInteger();

    /** Sockets that were given to this process and that no listener wants now: closed, they could not be bound again beside the giver's copy. */
    private final Map<InetSocketAddress, Bound> parked = Collections.synchronizedMap(new HashMap<>());
    private final AtomicInteger open = new AtomicInteger();
    private final Map<String, String> failures = new ConcurrentHashMap<>();
    private final Counter added;
    private final Counter modified;
    private final Counter removed;
    private final Counter failed;
    private volatile @Nullable LiveListener capturing;
    private boolean stopped;

    /** Whether connections that wait in inherited sockets stay there. */
    private boolean waiting;

    public Listeners(Settings settings) {
        this.settings = settings;
        waiting = !settings.inherited().isEmpty();
        Stats stats = settings.stats();
        added = stats.counter("listener_manager.listener_added");
        modified = stats.counter("listener_manager.listener_modified");
        removed = stats.counter("listener_manager.listener_removed");
        failed = stats.counter("listener_manager.listener_create_failure");
        var unusedActive = stats.gauge("listener_manager.total_listeners_active", entries::size);
        var unusedDraining = stats.gauge("listener_manager.total_filter_chains_draining", draining::size);
    }

    /** What serves under this name now. */
    public @Nullable LiveListener current(String name) {
        Entry entry = entries.get(name);
        return entry == null ? null : entry.live;
    }

    /** Adds a listener or the next version of one. The future tells of the addresses that had to be bound anew. */
    public List<ChannelFuture> put(LiveListener next) {
        String name = next.model().name();
        Entry entry = entries.get(name);
        if (entry == null) {
            added.inc();
            entry = new Entry(next);
            entries.put(name, entry);
        } else {
            modified.inc();
            LiveListener before = entry.live;
            entry.live = next;
            handOff.remove(before);
            closeLater(next.connections().drainChanged(before.model(), next.model(), settings.drainNanos()));
        }
        handOff.put(next);
        if (captures(next.model())) {
            capturing = next;
        } else if (capturing != null && capturing.model().name().equals(name)) {
            capturing = null;
        }
        return bind(entry, next);
    }

    private List<ChannelFuture> bind(Entry entry, LiveListener next) {
        Listener model = next.model();
        Set<InetSocketAddress> wanted = new LinkedHashSet<>();
        if (model.bindToPort()) {
            // IPv4 first: what is left of inherited sockets then fits IPv6.
            Stream.concat(Stream.of(model.address()), model.additionalAddresses().stream())
                    .sorted(Comparator.comparing(a -> a instanceof Address.Ip ip && ip.ip() instanceof Inet6Address))
                    .forEach(a -> add(wanted, a));
        }
        List<ChannelFuture> fresh = new ArrayList<>();
        entry.bound.entrySet().removeIf(e -> {
            if (wanted.contains(e.getKey())) {
                e.getValue().acceptor.listener(next);
                return false;
            }
            release(e.getKey(), e.getValue());
            return true;
        });
        for (InetSocketAddress address : wanted) {
            InetSocketAddress twin = Wildcards.twin(address);
            Bound other = twin == null ? null : entry.bound.get(twin);
            if (!entry.bound.containsKey(address) && (other == null || !other.both)) {
                Bound bound = at(address, next);
                entry.bound.put(address, bound);
                bound.binding.addListener(f -> told(model.name(), address, f.cause()));
                fresh.add(bound.binding);
            }
        }
        return fresh;
    }

    private Bound at(InetSocketAddress address, LiveListener next) {
        Bound idle = parked(address);
        if (idle != null) {
            idle.acceptor.listener(next);
            idle.binding.channel().config().setAutoRead(!waiting);
            return idle;
        }
        var acceptor = new Acceptor(settings.loops(), next, settings.destinations(), handOff, open, settings.mostConnections());
        Integer given = settings.inherited().stream(address);
        boolean both = given == null ? address.getAddress().isAnyLocalAddress() : Wildcards.both(given);
        return new Bound(acceptor, acceptor.bind(address, given, given == null || !waiting), given != null, both);
    }

    private @Nullable Bound parked(InetSocketAddress address) {
        Bound exact = parked.remove(address);
        InetSocketAddress twin = Wildcards.twin(address);
        Bound other = exact != null || twin == null ? null : parked.get(twin);
        return other != null && other.both ? parked.remove(twin) : exact;
    }

    /**
     * From now on connections are accepted from inherited sockets too. Before, a listener that is still to come would be missing when they
     * are handed over, and they would take another way. On the control loop.
     */
    public void acceptWaiting() {
        waiting = false;
        entries.values().forEach(entry -> entry.bound.values().forEach(bound -> bound.binding.channel().config().setAutoRead(true)));
    }

    private void release(InetSocketAddress address, Bound bound) {
        if (bound.given) {
            bound.binding.channel().config().setAutoRead(false);
            parked.put(address, bound);
        } else {
            close(bound);
        }
    }

    private void close(Bound bound) {
        closing.incrementAndGet();
        bound.binding.channel().close().addListener(closed -> closing.decrementAndGet());
    }

    /**
     * Takes a connection whose client has said where it goes, as if it had been captured on its way there: puts the stages behind {@code ctx},
     * which then tells them that it is active. The connection was counted by {@link #enter}. False while no outbound listener takes captured
     * connections, or none does any more. On the channel's loop.
     */
    public boolean take(ChannelHandlerContext ctx, InetSocketAddress destination) {
        LiveListener serving = capturing;
        Channel channel = ctx.channel();
        if (serving == null || !(channel.remoteAddress() instanceof InetSocketAddress remote) || !(channel.localAddress() instanceof InetSocketAddress local)) {
            return false;
        }
        channel.config().setWriteBufferWaterMark(Acceptor.waterMark(serving));
        ctx.pipeline().addAfter(ctx.name(), "intake", new Intake(
                serving, Acceptor.connection(channel, remote, local, serving), OriginalDestinationSource.fixed(any -> destination), handOff));
        return true;
    }

    /** Counts a connection that no listener has accepted, from now to its end; false where there are too many. */
    public boolean enter(Channel channel) {
        if (open.get() >= settings.mostConnections()) {
            return false;
        }
        open.incrementAndGet();
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        return true;
    }

    /** Whether it is where outbound connections arrive that were redirected. */
    private static boolean captures(Listener model) {
        return model.useOriginalDst() && model.direction() != Listener.Direction.INBOUND;
    }

    private void told(String name, InetSocketAddress address, @Nullable Throwable cause) {
        if (cause == null) {
            failures.remove(name);
        } else {
            failed.inc();
            failures.put(name, "listener " + name + " cannot bind " + address + ": " + cause.getMessage());
        }
    }

    private static void add(Set<InetSocketAddress> into, Address address) {
        if (address instanceof Address.Ip ip) {
            into.add(new InetSocketAddress(ip.ip(), ip.port()));
        }
    }

    public void remove(String name) {
        Entry entry = entries.remove(name);
        if (entry != null) {
            removed.inc();
            failures.remove(name);
            entry.bound.forEach(this::release);
            entry.bound.clear();
            handOff.remove(entry.live);
            if (capturing == entry.live) {
                capturing = null;
            }
            closeLater(entry.live.connections().drainAll(new Drain(settings.drainNanos(), Cause.REPLACED)));
        }
    }

    private void unbind(Entry entry) {
        entry.bound.values().forEach(this::close);
        entry.bound.clear();
    }

    private void closeLater(List<Channel> told) {
        if (told.isEmpty()) {
            return;
        }
        // What has ended by itself is forgotten at once: the drain time is minutes.
        Set<Channel> left = ConcurrentHashMap.newKeySet();
        left.addAll(told);
        draining.addAll(told);
        told.forEach(channel -> channel.closeFuture().addListener(closed -> {
            left.remove(channel);
            draining.remove(channel);
        }));
        var unused = settings.control().schedule(() -> left.forEach(Channel::close), settings.drainNanos(), TimeUnit.NANOSECONDS);
    }

    /** Refuses new connections on the listeners that {@code which} chooses; open ones go on. */
    public void stop(Predicate<Listener> which) {
        stopped = true;
        LiveListener way = capturing;
        if (way != null && which.test(way.model())) {
            capturing = null;
        }
        entries.values().stream().filter(e -> which.test(e.live.model())).forEach(this::unbind);
        parked.values().forEach(this::close);
        parked.clear();
    }

    /** Asks connections of the listeners that {@code which} chooses to finish. They are not closed here. */
    public void drain(Predicate<Listener> which, Drain event) {
        for (Entry entry : entries.values()) {
            if (which.test(entry.live.model())) {
                for (Channel channel : entry.live.connections().drainAll(event)) {
                    if (finishing.add(channel)) {
                        channel.closeFuture().addListener(closed -> finishing.remove(channel));
                    }
                }
            }
        }
    }

    public boolean stopped() {
        return stopped;
    }

    /** Connections that are open, of all listeners and versions. */
    public int openConnections() {
        return open.get();
    }

    /** Connections that were asked to finish by {@link #drain} and are open. */
    public int finishing() {
        return finishing.size();
    }

    /** What a process that has stopped must wait for: open connections, and sockets that are closing and may have accepted one more. */
    public int unfinished() {
        return closing.get() + open.get();
    }

    /** Why listeners are not bound, by name. */
    public Map<String, String> failures() {
        return Map.copyOf(failures);
    }

    /** Addresses that are bound, by listener; ports are the real ones. */
    public Map<String, List<InetSocketAddress>> addresses() {
        Map<String, List<InetSocketAddress>> all = new HashMap<>();
        entries.forEach((name, entry) -> {
            List<InetSocketAddress> mine = new ArrayList<>();
            for (Bound bound : List.copyOf(entry.bound.values())) {
                if (bound.binding.channel().localAddress() instanceof InetSocketAddress address) {
                    mine.add(address);
                }
            }
            all.put(name, List.copyOf(mine));
        });
        return all;
    }

    /** What listens, for the process that takes over. */
    public List<Channel> channels() {
        return Stream.concat(entries.values().stream().flatMap(e -> List.copyOf(e.bound.values()).stream()),
                        List.copyOf(parked.values()).stream())
                .map(b -> b.binding.channel()).toList();
    }

    /** Who serves a connection to {@code destination} that {@code accepted} has accepted. */
    public LiveListener successor(LiveListener accepted, InetSocketAddress destination) {
        return handOff.successor(accepted, destination);
    }

    public Collection<LiveListener> all() {
        return entries.values().stream().map(e -> e.live).toList();
    }

    /** Closes sockets and connections. */
    public void close() {
        for (Entry entry : entries.values()) {
            entry.bound.values().forEach(b -> {
                Channel channel = b.binding.channel();
                channel.close().awaitUninterruptibly();
            });
            entry.live.connections().close();
        }
        parked.values().forEach(this::close);
        parked.clear();
        draining.forEach(Channel::close);
        entries.clear();
    }
}
