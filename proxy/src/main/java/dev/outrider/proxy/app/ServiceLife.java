package dev.outrider.proxy.app;

import dev.outrider.proxy.app.footprint.FilePages;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.proxy.intercept.guard.GuardWatch;
import dev.outrider.proxy.service.HandOverClient;
import dev.outrider.proxy.service.HandOverServer;
import dev.outrider.proxy.service.LoopWatch;
import dev.outrider.proxy.service.ServiceNotifier;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.logging.Logger;

/**
 * A sidecar as the machine's service: on the sockets that systemd keeps for it, or on those of the process that it replaces; ready when it
 * serves; watched; and giving its own sockets to its successor. Main thread, which it blocks until the sidecar is ready.
 */
final class ServiceLife {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.app");
    private static final Duration STATUS_EVERY = Duration.ofSeconds(1);

    /** How long a process that takes over may take until it is ready; its predecessor serves on where that is not enough. */
    private static final Duration TAKE_OVER = Duration.ofSeconds(30);

    private final Map<String, String> environment;
    private final ServiceNotifier notifier;

    ServiceLife(Map<String, String> environment) {
        this.environment = environment;
        notifier = Transport.epoll() ? ServiceNotifier.of(environment) : ServiceNotifier.of(Map.of());
    }

    /** Where a process gives its sockets to the next; below the unit's RuntimeDirectory. */
    static Path handOverPath(Map<String, String> environment) {
        return runtimeDirectory(environment).resolve("hand-over.sock");
    }

    static Path runtimeDirectory(Map<String, String> environment) {
        return Path.of(environment.getOrDefault("RUNTIME_DIRECTORY", "/run/outrider"));
    }

    void start(SidecarConfig config) throws StartupException {
        long patience = 0;
        try {
            patience = Long.parseLong(environment.getOrDefault("WATCHDOG_USEC", "0"));
        } catch (NumberFormatException e) {
            LOG.warning("WATCHDOG_USEC is not a number: not watched");
        }
        InheritedSockets given = Transport.epoll() ? InheritedSockets.ofSystemd(environment, ProcessHandle.current().pid()) : new InheritedSockets();
        Sidecar sidecar = begin(config, given);
        while (!ready(sidecar, STATUS_EVERY)) {
            notifier.status("waiting: " + String.join("; ", sidecar.unreadyReasons()));
        }
        watch(sidecar, patience);
        notifier.ready("serving");
        offer(sidecar, patience);
    }

    /** Takes the sockets of the running process, and its place once this one is ready. */
    void takeOver(SidecarConfig config) throws StartupException {
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("outrider-hand-over", true), Transport.ioHandlers());
        try (HandOverClient from = HandOverClient.take(loop, handOverPath(environment))) {
            Sidecar sidecar = begin(config, from.sockets());
            if (!ready(sidecar, TAKE_OVER)) {
                throw new StartupException("not ready after " + TAKE_OVER.toSeconds() + " s, the running process serves on: "
                        + String.join("; ", sidecar.unreadyReasons()));
            }
            watch(sidecar, from.patienceMicros());
            notifier.mainProcess(ProcessHandle.current().pid(), "serving");
            from.serving();
            from.sockets().closeUnclaimed();
            offer(sidecar, from.patienceMicros());
        } catch (IOException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        } finally {
            loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    private Sidecar begin(SidecarConfig config, InheritedSockets given) throws StartupException {
        Sidecar sidecar = Sidecar.start(config, given);
        ProcessSignals.onTermination(() -> {
            notifier.stopping();
            sidecar.terminate();
        }, Main::halt);
        // As Envoy does; logrotate sends it.
        ProcessSignals.on(() -> {
            sidecar.reopenLogs();
            ProcessLog.reopen();
        }, "USR1");
        sidecar.onTerminated(Main::halt);
        FilePages.giveBack(sidecar);
        var unused = GuardWatch.start(GuardWatch.place(Path.of("/")), sidecar.stats(), sidecar.control());
        return sidecar;
    }

    private static boolean ready(Sidecar sidecar, Duration limit) throws StartupException {
        try {
            return sidecar.awaitReady(limit);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted while starting");
        }
    }

    private void watch(Sidecar sidecar, long patienceMicros) {
        LoopWatch.start(sidecar.control(), sidecar.loops(), patienceMicros, notifier::alive);
    }

    private void offer(Sidecar sidecar, long patienceMicros) {
        Path path = handOverPath(environment);
        if (!Transport.epoll() || !Files.isWritable(path.toAbsolutePath().getParent())) {
            LOG.fine("no hand-over: " + path.getParent() + " is not writable");
            return;
        }
        try {
            HandOverServer.start(sidecar.adminLoop(), path, new HandOverServer.Terms(sidecar::sockets, patienceMicros, sidecar::handedOver));
        } catch (IOException e) {
            LOG.warning("an upgrade will have to restart: " + e.getMessage());
        }
    }
}
