package dev.outrider.proxy.app;

import dev.outrider.proxy.app.sidecar.MeshDns;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.proxy.app.sidecar.StartupException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code outrider dns}: the shim without a mesh: it forwards, caches and answers what is local. Runs until it is ended. */
@Command(mixinStandardHelpOptions = true, description = "Serves DNS alone, without a control plane.")
final class DnsCommand implements Callable<Integer> {

    @Option(names = {"--listen", "--dns-listen"}, split = ",", paramLabel = "ADDR:PORT", description = "default 127.0.0.1:15053")
    private List<String> listen = new ArrayList<>(List.of("127.0.0.1:15053"));

    @Option(names = {"--upstream", "--dns-upstream"}, split = ",", paramLabel = "ADDR[:PORT]", description = "resolvers, default: the host's")
    private List<String> upstream = new ArrayList<>();

    @Override
    public Integer call() throws StartupException, InterruptedException {
        MeshDns dns = MeshDns.start(new SidecarConfig.Dns(listen, upstream), "default");
        System.out.println("DNS on " + dns.addresses());
        CountDownLatch ended = new CountDownLatch(1);
        ProcessSignals.onTermination(ended::countDown, Main::halt);
        ended.await();
        dns.close();
        return 0;
    }
}
