package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.admin.AdminServer;
import dev.outrider.proxy.admin.AgentPorts;
import dev.outrider.proxy.app.sidecar.identity.Identities;
import dev.outrider.proxy.app.sidecar.port.UncapturedWays;
import dev.outrider.proxy.app.sidecar.stats.DnsStats;
import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.datapath.HttpRuntime;
import dev.outrider.proxy.datapath.cluster.SystemResolver;
import dev.outrider.proxy.datapath.explicit.ExplicitPort;
import dev.outrider.proxy.datapath.explicit.ServiceListeners;
import dev.outrider.proxy.datapath.origdst.OriginalDestinationSource;
import dev.outrider.proxy.datapath.upstream.HttpPools;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.proxy.identity.sds.SecretServer;
import dev.outrider.proxy.identity.workload.IdentitySettings;
import dev.outrider.proxy.identity.workload.WorkloadIdentity;
import dev.outrider.proxy.probe.Prober;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.proxy.telemetry.accesslog.LogSinks;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.bootstrap.BootstrapLoader;
import dev.outrider.xds.bootstrap.LoadedBootstrap;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cidr;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntConsumer;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One sidecar, put together in start order: loops, statistics, data path, DNS, configuration, administration. {@link #start} returns when
 * everything is bound that the bootstrap names, so that tests may use port 0. Any thread.
 */
public final class Sidecar implements AutoCloseable {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.app");

    /** Binding is instant; a bound on it keeps a broken start from hanging. */
    private static final long BIND_SECONDS = 30;

    private static final long FIRST_CERTIFICATE_SECONDS = 2;

    private static final int MOST_CONNECTIONS = 100_000;
    private static final long LOG_FLUSH_MILLIS = 1_000;
    private static final long FIRST_NAMES_SECONDS = 2;

    private final SidecarConfig config;
    private final InheritedSockets inherited;
    private final Bootstrap bootstrap;
    private final Stats stats = new Stats();
    private final EventLoopGroup dataLoops;
    private final EventLoopGroup adminLoop;
    private final ScheduledExecutorService control;
    private final LogSinks logs;
    private final DataPath path;
    private final DrainController.Live target = new DrainController.Live();
    private final DrainController drain;
    private final Identities identities;
    private final MeshFeed feed;
    private final CompletableFuture<Void> terminated = new CompletableFuture<>();

    /** A permit for each event that may have made it ready. */
    private final Semaphore progress = new Semaphore(0);

    private @Nullable MeshDns dns;
    private @Nullable MeshApplier applier;
    private @Nullable SidecarState state;
    private @Nullable AdminServer admin;
    private @Nullable AdminServer adminSocket;
    private @Nullable SecretServer secretServer;
    private @Nullable AgentPorts agentPorts;
    private @Nullable Prober prober;

    private Sidecar(SidecarConfig config, Bootstrap bootstrap, InheritedSockets inherited) {
        this.config = config;
        this.inherited = inherited;
        this.bootstrap = bootstrap;
        // One loop of control, one of administration: neither a push nor a scrape costs a request latency.
        dataLoops = new MultiThreadIoEventLoopGroup(
                config.concurrency(), new DefaultThreadFactory("outrider-data", true), Transport.ioHandlers());
        adminLoop = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("outrider-admin", true), Transport.ioHandlers());
        control = Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("outrider-control", false));
        logs = new LogSinks(stats, LOG_FLUSH_MILLIS, config.local().log());
        LocalNode node = new LocalNode(bootstrap.node());
        drain = new DrainController(target, control, System::nanoTime, config.drainSeconds(), () -> terminated.complete(null));
        identities = new Identities(config.identity(), config.local().portIdentities(), MeshFeeds.transport(adminLoop, null));
        path = new DataPath(
                new DataPath.Settings(
                        dataLoops, control, stats, OriginalDestinationSource.kernel(),
                        TimeUnit.SECONDS.toNanos(config.drainSeconds()), MOST_CONNECTIONS, inherited),
                new DataPath.Parts(
                        identities.tls(), new SystemResolver(), node, new LogWatchers(logs, stats, node.peer()),
                        (clusters, connector) -> new HttpRuntime(
                                new HttpRuntime.Settings(
                                        stats, HttpCodecs::compile, HttpPools::new, logs, node.peer(), drain::draining),
                                clusters, connector)));
        target.path = path;
        feed = MeshFeeds.of(bootstrap, config.mesh(), control, adminLoop, identities.own());
    }

    /** Reads the bootstrap and says what is wrong with it; starts nothing. */
    public static void validate(SidecarConfig config) throws StartupException {
        Bootstrap unused = load(config);
    }

    private static Bootstrap load(SidecarConfig config) throws StartupException {
        LoadedBootstrap loaded = BootstrapLoader.load("bootstrap", config.bootstrap(), true);
        Bootstrap bootstrap = loaded.value();
        if (bootstrap == null) {
            throw new StartupException(String.join("; ", loaded.errors()));
        }
        loaded.ignored().forEach(i -> LOG.warning("accepted without effect: " + i));
        return bootstrap;
    }

    /** Starts everything or nothing. */
    public static Sidecar start(SidecarConfig config) throws StartupException {
        return start(config, new InheritedSockets());
    }

    /** The same, on sockets of {@code inherited} where it has them. */
    public static Sidecar start(SidecarConfig config, InheritedSockets inherited) throws StartupException {
        Sidecar sidecar = new Sidecar(config, load(config), inherited);
        try {
            sidecar.run();
            return sidecar;
        } catch (StartupException | RuntimeException e) {
            sidecar.close();
            throw e instanceof StartupException known ? known : new StartupException(String.valueOf(e.getMessage()));
        }
    }

    private void run() throws StartupException {
        identities.start(stats);
        WorkloadIdentity own = identities.own();
        if (own != null) {
            share(own);
        }
        boolean replaces = !inherited.isEmpty();
        DnsSettings names = config.dns();
        MeshDns shim = names == null ? null : MeshDns.of(names.withMesh(names.mesh().withNamespace(new LocalNode(bootstrap.node()).namespace())));
        dns = shim;
        if (shim != null) {
            DnsStats.register(stats, shim.shim());
        }
        if (shim != null && !replaces) {
            shim.open(new InheritedSockets());
        }
        MeshApplier mesh = new MeshApplier(path, shim, progress::release, config.local().services() == null ? null : control);
        applier = mesh;
        SidecarState view = new SidecarState(bootstrap, config, path, feed, mesh::current, drain::draining, stats, identities, dns);
        state = view;
        ServerStats.register(stats, view, feed, path, config.concurrency());
        Address address = bootstrap.admin();
        if (address != null) {
            startAdmin(address, view);
        }
        startAdminSocket(view);
        AgentPorts.Settings ports = config.agentPorts();
        if (ports != null) {
            agentPorts = AgentPorts.start(adminLoop, this::listenSocket, ports, view, new SidecarActions(drain, logs));
        }
        // With a CA that answers, the first dial of the control plane has the certificate; without, nothing waits for long.
        identities.firstOutcomes().completeOnTimeout(null, FIRST_CERTIFICATE_SECONDS, TimeUnit.SECONDS).join();
        await(feed.start(mesh));
        feed.decided().thenRun(progress::release);
        feed.decided().thenRunAsync(path.listeners()::acceptWaiting, control);
        await(mesh.applied());
        // Who comes before waits in an inherited socket, or is refused by the kernel: there is no way yet.
        openUncaptured(mesh);
        if (shim != null && replaces) {
            openInherited(shim);
            // Questions that this process does not answer any more wait in the socket for the next one.
            target.keptDns = shim;
        }
        Map<String, String> failures = path.listeners().failures();
        if (!failures.isEmpty()) {
            throw new StartupException(String.join("; ", failures.values()));
        }
        stats.gauge("listener_manager.workers_started").set(1);
        watchWorkload(view);
        LOG.info("started: admin " + adminAddress() + ", listeners " + path.addresses());
    }

    private void watchWorkload(SidecarState view) {
        Prober.Settings settings = config.local().probe();
        if (settings == null) {
            return;
        }
        Prober started = Prober.of(settings, MeshFeeds.transport(adminLoop, null), view::configured, stats, feed::health);
        prober = started;
        view.watch(started::impairments);
        started.start();
    }

    /**
     * Questions wait in an inherited socket: answered before the mesh's names are known, they would be answered wrongly. Not for long,
     * as the machine's other names come the same way.
     */
    private void openInherited(MeshDns shim) throws StartupException {
        await(shim.firstTable().completeOnTimeout(null, FIRST_NAMES_SECONDS, TimeUnit.SECONDS));
        shim.open(inherited);
    }

    private void share(WorkloadIdentity own) throws StartupException {
        IdentitySettings.Sharing sharing = config.identity() == null ? null : config.identity().sharing();
        if (sharing == null) {
            return;
        }
        if (!Transport.epoll()) {
            throw new StartupException("OUTRIDER_SDS_SOCKET needs epoll, which this machine's libraries do not give");
        }
        try {
            secretServer = SecretServer.start(sharing.socket(), sharing.group(), !inherited.isEmpty(), own, adminLoop);
        } catch (IOException e) {
            throw new StartupException("OUTRIDER_SDS_SOCKET: " + e.getMessage());
        }
    }

    private static void await(CompletableFuture<Void> step) throws StartupException {
        try {
            step.get(BIND_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new StartupException(String.valueOf(cause.getMessage()));
        } catch (TimeoutException e) {
            throw new StartupException("listeners were not bound within " + BIND_SECONDS + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while starting");
        }
    }

    private ServerChannel listenSocket(SocketAddress address) {
        Integer given = address instanceof InetSocketAddress ip ? inherited.stream(ip) : null;
        return given == null ? Transport.server() : Transport.server(given);
    }

    private void startAdmin(Address address, SidecarState view) throws StartupException {
        if (!(address instanceof Address.Ip ip)) {
            throw new StartupException("admin address " + address + ": must be an IP address");
        }
        try {
            var wanted = new InetSocketAddress(ip.ip(), ip.port());
            AdminServer server = AdminServer.start(adminLoop, this::listenSocket, wanted, view, new SidecarActions(drain, logs));
            admin = server;
            Path file = config.adminAddressPath();
            if (file != null && server.address() instanceof InetSocketAddress bound) {
                Files.writeString(file, bound.getAddress().getHostAddress() + ":" + bound.getPort());
            }
        } catch (IOException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        }
    }

    private void openUncaptured(MeshApplier mesh) throws StartupException {
        var ways = new UncapturedWays(dataLoops, path, inherited, stats);
        InetSocketAddress address = config.local().explicit();
        Cidr range = config.local().services();
        try {
            if (address != null) {
                ways.explicit(address, MeshNames.of(dns, mesh::current, bootstrap.node().id()), sockets());
            }
            if (range != null) {
                ways.services(range);
                await(CompletableFuture.runAsync(mesh::serve, control));
            }
        } catch (IOException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        }
    }

    /** The loopback addresses that services of the mesh have here, by host. */
    public Map<String, InetAddress> serviceAddresses() {
        ServiceListeners services = path.services();
        return services == null ? Map.of() : services.addresses();
    }

    /** Where clients name their target themselves; null where they cannot. */
    public @Nullable SocketAddress explicitAddress() {
        ExplicitPort port = path.explicit();
        return port == null ? null : port.channel().localAddress();
    }

    /** What goes without: the pages are at their port too. */
    private void startAdminSocket(SidecarState view) {
        Path place = config.local().adminSocket();
        if (place == null || !Transport.epoll()) {
            return;
        }
        try {
            adminSocket = AdminServer.start(adminLoop, place, view, new SidecarActions(drain, logs));
        } catch (IOException e) {
            LOG.warning("no admin socket: " + e.getMessage());
        }
    }

    /** Where the pages are; null without an admin address in the bootstrap. */
    public @Nullable SocketAddress adminAddress() {
        AdminServer server = admin;
        return server == null ? null : server.address();
    }

    /** Bound addresses by listener name, with real ports. */
    public Map<String, List<InetSocketAddress>> listenerAddresses() {
        return path.addresses();
    }

    public List<InetSocketAddress> dnsAddresses() {
        MeshDns shim = dns;
        return shim == null ? List.of() : shim.addresses();
    }

    public Stats stats() {
        return stats;
    }

    /** Blocks until {@code /ready} says LIVE (and DNS, if any, has its table), or the time is over. One thread. */
    public boolean awaitReady(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!ready()) {
            if (!progress.tryAcquire(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                return ready();
            }
        }
        return true;
    }

    private boolean ready() {
        SidecarState view = state;
        MeshApplier mesh = applier;
        MeshDns shim = dns;
        return view != null && mesh != null && view.serverState().equals("LIVE") && mesh.applied().isDone() && (shim == null || shim.synced());
    }

    /** Why it is not ready, a line each. */
    public List<String> unreadyReasons() {
        SidecarState view = state;
        return view == null ? List.of("not started") : view.readiness().reasons();
    }

    EventLoopGroup dataLoops() {
        return dataLoops;
    }

    /** Connections that clients hold open. */
    public int openConnections() {
        return path.listeners().openConnections();
    }

    /** Every socket that is bound, for the process that takes over. On the control loop, as they change there. */
    public List<Channel> sockets() {
        List<Channel> all = new ArrayList<>(CompletableFuture.supplyAsync(path.listeners()::channels, control).join());
        if (admin != null) {
            all.add(admin.channel());
        }
        if (agentPorts != null) {
            all.addAll(agentPorts.channels());
        }
        if (dns != null) {
            all.addAll(dns.shim().channels());
        }
        all.addAll(path.uncaptured());
        return all;
    }

    /** Another process serves the sockets: takes nothing new, and ends when its connections have, or their time is over. */
    public void handedOver() {
        AdminServer server = admin;
        if (server != null) {
            server.channel().close();
        }
        AgentPorts ports = agentPorts;
        if (ports != null) {
            ports.channels().forEach(Channel::close);
        }
        stopProbing();
        MeshDns shim = dns;
        if (shim != null) {
            shim.pause();
        }
        drain.leave();
    }

    /** All event loops: a process is alive when each of them is. */
    public List<Executor> loops() {
        List<Executor> all = new ArrayList<>(List.of(control));
        dataLoops.forEach(all::add);
        adminLoop.forEach(all::add);
        MeshDns shim = dns;
        if (shim != null) {
            shim.loop().forEach(all::add);
        }
        return all;
    }

    public EventLoopGroup adminLoop() {
        return adminLoop;
    }

    public ScheduledExecutorService control() {
        return control;
    }

    /** After a rotation. */
    public void reopenLogs() {
        logs.reopen();
    }

    /** Ends gracefully, as SIGTERM does; {@link #onTerminated} tells when. */
    public void terminate() {
        drain.exit();
    }

    /** {@code exit} gets the process's exit code. */
    public void onTerminated(IntConsumer exit) {
        terminated.thenRun(() -> {
            logs.close();
            exit.accept(0);
        });
    }

    private void stopProbing() {
        if (prober != null) {
            prober.close();
        }
    }

    /** Closes everything at once. */
    @Override
    public void close() {
        stopProbing();
        feed.close();
        if (secretServer != null) {
            secretServer.close();
        }
        identities.close();
        AdminServer server = admin;
        if (server != null) {
            server.close();
        }
        AdminServer local = adminSocket;
        if (local != null) {
            local.close();
        }
        AgentPorts ports = agentPorts;
        if (ports != null) {
            ports.close();
        }
        MeshDns shim = dns;
        if (shim != null) {
            shim.close();
        }
        try {
            CompletableFuture.runAsync(path::close, control).get(BIND_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warning("the data path did not close in order: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        dataLoops.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        adminLoop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly();
        control.shutdownNow();
        logs.close();
    }
}
