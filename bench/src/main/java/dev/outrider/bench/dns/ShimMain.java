package dev.outrider.bench.dns;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.DnsShim;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;

/** The shim alone in a process, with the mesh's table: {@code PORT RESOLVER_PORT}. Runs until it is ended. */
final class ShimMain {

    private ShimMain() {}

    public static void main(String[] args) throws Exception {
        // Listens only with its table, so that whoever sees the port gets answers.
        try (DnsShim shim = new DnsShim(settings(Integer.parseInt(args[0]), Integer.parseInt(args[1])))) {
            shim.applyTable(DnsNames.rows()).get();
            shim.start();
            new CountDownLatch(1).await();
        }
    }

    static DnsSettings settings(int port, int resolver) {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        return DnsSettings.defaults().withListen(new InetSocketAddress(loopback, port)).withServers(new InetSocketAddress(loopback, resolver));
    }
}
