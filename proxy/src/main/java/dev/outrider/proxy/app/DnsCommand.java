package dev.outrider.proxy.app;

import dev.outrider.dns.DnsSettings;
import dev.outrider.proxy.app.sidecar.MeshDns;
import dev.outrider.proxy.app.sidecar.StartupException;
import dev.outrider.proxy.client.DnsQueryCommand;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code outrider dns}: alone, the shim without a mesh, which forwards, caches and answers what is local until it is ended; and what there is to do with DNS. */
@Command(
        mixinStandardHelpOptions = true,
        description = "Serves DNS alone, without a control plane (default 127.0.0.1:15053). With a verb: asks the running one, or has this machine use it.",
        subcommands = {HostDnsCommand.Apply.class, HostDnsCommand.Remove.class, HostDnsCommand.Verify.class, HostDnsCommand.Print.class, DnsQueryCommand.class,
            DnsQueryCommand.Dump.class})
final class DnsCommand implements Callable<Integer> {

    @Mixin
    private DnsOptions options = new DnsOptions();

    @Override
    public Integer call() throws StartupException, InterruptedException {
        MeshDns dns = MeshDns.start(options.over(DnsSettings.defaults()));
        System.out.println("DNS on " + dns.addresses());
        CountDownLatch ended = new CountDownLatch(1);
        ProcessSignals.onTermination(ended::countDown, Main::halt);
        ended.await();
        dns.close();
        return 0;
    }
}
