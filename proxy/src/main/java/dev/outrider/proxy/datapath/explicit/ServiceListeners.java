package dev.outrider.proxy.datapath.explicit;

import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Cidr;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A loopback address for each service of the mesh, with a listener at each of its ports: what connects there goes on as if it had been captured
 * on its way to the service. {@link #update} and {@link #close} on the control loop; the rest from any thread.
 */
public final class ServiceListeners implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.datapath");

    /** Each takes a descriptor, of which a process without special limits has 4096 to some hundred thousand, and connections need the others. */
    private static final int MOST_SOCKETS = 2000;

    /** What a log line names. */
    private static final int NAMED = 3;

    private static final int FIRST_UNPRIVILEGED = 1024;

    /**
     * A service.
     *
     * @param addresses at which the mesh's listeners know it, at least one; taken in turn
     */
    public record Service(String host, List<InetAddress> addresses, SortedSet<Integer> ports) {}

    /** @param range loopback addresses to give away */
    public record Parts(EventLoopGroup loops, ExplicitPort.Way way, Cidr range, InheritedSockets inherited, Stats stats) {}

    private static final class Front {
        final AtomicInteger turn = new AtomicInteger();
        volatile Service service;
        volatile @Nullable ChannelFuture binding;
        volatile boolean denied;

        Front(Service service) {
            this.service = service;
        }

        InetSocketAddress next(int port) {
            List<InetAddress> all = service.addresses();
            return new InetSocketAddress(all.get(Math.floorMod(turn.getAndIncrement(), all.size())), port);
        }

        boolean failed() {
            ChannelFuture done = binding;
            return done != null && done.isDone() && !done.isSuccess();
        }
    }

    private final Parts parts;
    private final LoopbackAddresses range;
    private final Map<InetSocketAddress, Front> fronts = new ConcurrentHashMap<>();
    private final Set<String> leftOut = new HashSet<>();
    private final Counter total;
    private final Counter refused;
    private volatile Map<String, InetAddress> addresses = Map.of();
    private boolean closed;

    /** Opens nothing yet. Throws IllegalArgumentException where the range is not one of loopback. */
    public ServiceListeners(Parts parts) {
        this.parts = parts;
        range = new LoopbackAddresses(parts.range());
        total = parts.stats().counter("explicit_services.downstream_cx_total");
        refused = parts.stats().counter("explicit_services.downstream_cx_refused");
        var unusedOpen = parts.stats().gauge("explicit_services.listeners", () -> channels().size());
        var unusedFailed = parts.stats().gauge("explicit_services.listeners_failed", () -> fronts.values().stream().filter(Front::failed).count());
    }

    /** These services and no others. Completes when their listeners are bound, or have failed to be. */
    public CompletableFuture<Void> update(Collection<Service> services) {
        if (closed) {
            return CompletableFuture.completedFuture(null);
        }
        SortedMap<String, Service> byHost = new TreeMap<>();
        services.stream().filter(s -> s.addresses().stream().noneMatch(parts.range()::contains)).forEach(s -> byHost.put(s.host(), s));
        Map<String, InetAddress> given = range.allot(byHost.keySet());
        Map<InetSocketAddress, Service> wanted = new HashMap<>();
        List<String> without = new ArrayList<>();
        for (Service service : byHost.values()) {
            InetAddress address = given.get(service.host());
            if (address == null || wanted.size() + service.ports().size() > MOST_SOCKETS) {
                given.remove(service.host());
                without.add(service.host());
            } else {
                service.ports().forEach(port -> wanted.put(new InetSocketAddress(address, port), service));
            }
        }
        tellLeftOut(without);
        addresses = Map.copyOf(given);
        fronts.forEach((address, front) -> {
            if (!wanted.containsKey(address) && fronts.remove(address, front)) {
                release(front);
            }
        });
        return open(wanted);
    }

    private CompletableFuture<Void> open(Map<InetSocketAddress, Service> wanted) {
        List<CompletableFuture<Void>> bindings = new ArrayList<>();
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        wanted.forEach((address, service) -> {
            Front front = fronts.computeIfAbsent(address, any -> new Front(service));
            front.service = service;
            // A right that is missing is missing until the next start; a port that was taken may be free.
            if (front.binding == null || front.failed() && !front.denied) {
                boolean first = front.binding == null;
                ChannelFuture binding = bind(address, front);
                front.binding = binding;
                var done = new CompletableFuture<Void>();
                binding.addListener(f -> {
                    Throwable cause = f.cause();
                    if (cause != null) {
                        String why = String.valueOf(cause.getMessage());
                        front.denied = why.contains("Permission denied");
                        if (first) {
                            failures.add(failure(service, address, front.denied, why));
                        }
                    }
                    done.complete(null);
                });
                bindings.add(done);
            }
        });
        return CompletableFuture.allOf(bindings.toArray(CompletableFuture[]::new)).thenRun(() -> tell(failures));
    }

    private static String failure(Service service, InetSocketAddress address, boolean denied, String why) {
        String subject = service.host() + ":" + address.getPort() + " has no listener at " + address.getAddress().getHostAddress() + ": ";
        return denied && address.getPort() < FIRST_UNPRIVILEGED
                ? subject + "ports below net.ipv4.ip_unprivileged_port_start need a right that this process lacks; lower it (sysctl -w "
                        + "net.ipv4.ip_unprivileged_port_start=" + address.getPort() + ") and restart, or use the SOCKS5 and CONNECT port (ports.explicit)"
                : subject + why;
    }

    private static void tell(List<String> failures) {
        failures.stream().sorted().limit(NAMED).forEach(LOG::warning);
        if (failures.size() > NAMED) {
            LOG.warning(failures.size() - NAMED + " further services' ports have no loopback listener, for the same or like reasons");
        }
    }

    private void tellLeftOut(List<String> without) {
        List<String> fresh = without.stream().filter(leftOut::add).toList();
        leftOut.retainAll(without);
        if (!fresh.isEmpty()) {
            LOG.warning(without.size() + " services get no loopback address (" + String.join(", ", fresh.subList(0, Math.min(NAMED, fresh.size())))
                    + (fresh.size() > NAMED ? " ..." : "") + "): there are " + MOST_SOCKETS + " listeners at most, and ports.services may be too small a range; "
                    + "the SOCKS5 and CONNECT port (ports.explicit) reaches them");
        }
    }

    private ChannelFuture bind(InetSocketAddress address, Front front) {
        Integer given = parts.inherited().stream(address);
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(parts.loops())
                .channelFactory(() -> given == null ? Transport.server() : Transport.server(given))
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.AUTO_READ, false)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, Transport.reads())
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel client) {
                        client.pipeline().addLast("service", new Entrance(front, address.getPort()));
                    }
                });
        return given == null ? bootstrap.bind(address) : bootstrap.register();
    }

    private static void release(Front front) {
        ChannelFuture binding = front.binding;
        if (binding != null) {
            binding.channel().close();
        }
    }

    /** Of the services, by host. */
    public Map<String, InetAddress> addresses() {
        return addresses;
    }

    /** What a connection to {@code address} is taken to; null where no service has it. */
    public @Nullable InetSocketAddress behind(InetSocketAddress address) {
        Front front = fronts.get(address);
        return front == null ? null : front.next(address.getPort());
    }

    /** Those that listen. */
    public List<Channel> channels() {
        return fronts.values().stream().map(front -> front.binding).filter(b -> b != null && b.isSuccess()).map(ChannelFuture::channel).toList();
    }

    /** Takes no further client; those that are there go on. */
    @Override
    public void close() {
        closed = true;
        fronts.values().forEach(ServiceListeners::release);
    }

    /** A client on its way to the stages. On the connection's loop. */
    private final class Entrance extends ChannelInboundHandlerAdapter {

        private final Front front;
        private final int port;

        Entrance(Front front, int port) {
            this.front = front;
            this.port = port;
        }

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            total.inc();
            if (!parts.way().enter(ctx.channel()) || !parts.way().take(ctx, front.next(port))) {
                refused.inc();
                ctx.close();
                return;
            }
            ctx.fireChannelActive();
            ctx.pipeline().remove(this);
        }
    }
}
