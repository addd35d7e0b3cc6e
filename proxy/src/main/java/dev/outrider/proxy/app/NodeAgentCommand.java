package dev.outrider.proxy.app;

import dev.outrider.proxy.app.sidecar.MeshFeeds;
import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.proxy.identity.workload.IdentitySettings;
import dev.outrider.proxy.identity.workload.WorkloadCertificate;
import dev.outrider.proxy.identity.workload.WorkloadIdentity;
import dev.outrider.proxy.machine.LocalAddresses;
import dev.outrider.proxy.machine.MachineConfig;
import dev.outrider.proxy.machine.MachineIdentity;
import dev.outrider.proxy.machine.setting.Places;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Unmatched;

/**
 * {@code outrider node-agent}: asks the CA for this machine's certificate now, writes it, and ends. Istio's agent of that name stayed; here
 * {@code outrider run} renews. Main thread.
 */
@Command(description = "Asks the mesh CA for this machine's certificate, writes it and ends: a check that identity works. The sidecar renews by itself.")
final class NodeAgentCommand implements Callable<Integer> {

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "this text")
    private boolean help;

    @Option(names = "--root", paramLabel = "DIR", description = "read the files below DIR, default ${DEFAULT-VALUE}")
    private Path root = Path.of("/");

    @Option(names = "--timeout-s", paramLabel = "SECONDS", description = "give up after, default ${DEFAULT-VALUE}")
    private int timeoutSeconds = 30;

    @Unmatched
    private List<String> istios = new ArrayList<>();

    @Override
    public Integer call() throws StartupException {
        ProcessLog.install("info", "", null);
        if (!istios.isEmpty()) {
            System.err.println("outrider node-agent: no effect here: " + String.join(" ", istios));
        }
        IdentitySettings settings;
        try {
            Places places = new Places(root);
            settings = MachineIdentity.of(MachineConfig.read(places, LocalAddresses.all(), LocalAddresses.hostName()), places);
        } catch (MachineConfig.InvalidMachineConfig | IllegalArgumentException e) {
            throw new StartupException(String.valueOf(e.getMessage()));
        }
        if (settings.ca() == null) {
            throw new StartupException("FILE_MOUNTED_CERTS: the operator keeps the certificates fresh, no CA is asked");
        }
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("outrider-ca", true), Transport.ioHandlers());
        try (WorkloadIdentity identity = new WorkloadIdentity(settings, MeshFeeds.transport(loops, null))) {
            identity.start();
            renew(identity);
            return 0;
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
        }
    }

    private void renew(WorkloadIdentity identity) throws StartupException {
        WorkloadCertificate before = identity.state().certificate();
        CompletableFuture<Void> renewed = new CompletableFuture<>();
        // Ends with the identity.
        var unusedWatch = identity.watch(WorkloadIdentity.CERTIFICATE, secret -> {
            if (before == null || !secret.equals(before.pem())) {
                renewed.complete(null);
            }
        });
        try {
            identity.renewNow();
            renewed.get(timeoutSeconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new StartupException("no certificate within " + timeoutSeconds + " s: " + identity.state().problem());
        } catch (ExecutionException e) {
            throw new StartupException(String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartupException("interrupted");
        }
    }
}
